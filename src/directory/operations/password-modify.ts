/** The Password Modify extended operation (RFC 3062). */
import { Privilege, type AccessEvaluator } from '../../access/model.js';
import type { DN } from '../../dn/dn.js';
import type { EntryRecord } from '../../entry/record.js';
import { extendedOids } from '../../ldap/extended.js';
import { LdapError, ResultCode, success } from '../../ldap/result.js';
import { generatePassword, hashPassword } from '../../password/password.js';
import {
  decodePasswordModify,
  encodeGeneratedPassword,
  type PasswordModifyRequest,
} from '../../protocol/password-modify-values.js';
import type { EntryReader } from '../../store/model.js';
import type { Database } from '../database.js';
import { hashOrigin } from '../logins/login-throttle.js';
import type { MaybePromise } from '../model.js';
import type { ExtendedResponse } from '../../ldap/response.js';
import { demand, type OperationContext } from './operation.js';
import { passwordsOf, verifyAny } from './password-check.js';
import { sendToProvider } from './referral.js';
import { underPasswordPolicy } from './policed-change.js';
import { wellKnownOf } from '../rules/schema-check.js';
import { finishWrite } from './write.js';

export async function passwordModify(operation: OperationContext, value: Buffer | undefined): Promise<ExtendedResponse> {
  const { directory, subject } = operation;
  const self = subject.dn;
  if (!self) throw new LdapError(ResultCode.strongerAuthRequired, 'only authenticated users may change passwords');
  const request = value ? decodePasswordModify(value) : {};
  const dn = targetOf(operation, request, self);
  const database = databaseHolding(operation, dn, request);
  if (database.config.restricted.has('modify')) {
    throw new LdapError(ResultCode.unwillingToPerform, 'operation restricted');
  }
  const generated = request.newPassword ? undefined : generatePassword();
  const password = request.newPassword ?? generated!;
  await checkOldPassword(operation, database, dn, request);
  const { store } = database;
  // Asked again when it is written: this keeps those who may not write from having hashes made.
  writableEntry(operation, dn, store, operation.evaluator(database, store));
  const origin = hashOrigin(operation.peer, dn.normalized);
  const { passwordHash, passwordSettings } = directory.config;
  const hashes = await Promise.all(passwordHash.map((scheme) => hashPassword(scheme, password, origin, passwordSettings)));
  await storePassword(operation, database, dn, hashes, { old: request.oldPassword, new: password });
  directory.verifiedPasswords.forget(dn.normalized);
  return generated ? { ...success, responseValue: encodeGeneratedPassword(generated) } : success;
}

/** Without a userIdentity: the asker's own entry. Throws 53 for an empty password, 21 for a malformed DN. */
function targetOf(operation: OperationContext, request: PasswordModifyRequest, self: DN): DN {
  if (request.oldPassword?.length === 0) throw unverified();
  if (request.newPassword?.length === 0) {
    throw new LdapError(ResultCode.unwillingToPerform, 'new password is empty');
  }
  if (!request.userIdentity || request.userIdentity.length === 0) return self;
  try {
    return operation.directory.parseDN(request.userIdentity);
  } catch (error) {
    if (!(error instanceof LdapError)) throw error;
    throw new LdapError(ResultCode.invalidAttributeSyntax, 'Invalid DN');
  }
}

function databaseHolding(operation: OperationContext, dn: DN, { oldPassword }: PasswordModifyRequest): Database {
  const database = operation.directory.databaseOf(dn.normalized);
  if (!database && oldPassword) throw unverified();
  // slapd's code for a name outside every suffix.
  if (!database) throw new LdapError(ResultCode.other, 'no database holds this entry');
  operation.checkAllowed(database, { oid: extendedOids.passwordModify, update: true });
  sendToProvider(operation.directory, database, undefined);
  return database;
}

/**
 * Nobody need give the old password; one that is given must be right. It counts like a password in a bind, and is checked
 * against the values that the asker may authenticate against: where there are none, every answer is the same.
 */
async function checkOldPassword(
  operation: OperationContext,
  database: Database,
  dn: DN,
  request: PasswordModifyRequest,
): Promise<void> {
  const { oldPassword } = request;
  if (!oldPassword) return;
  const { directory, peer, passwords: watcher } = operation;
  const check = (): MaybePromise<boolean> => {
    const entry = database.store.entryByNdn(dn.normalized);
    const stored = entry ? passwordsOf(directory, entry, operation.evaluator(database, database.store)) : [];
    return verifyAny(directory, hashOrigin(peer, dn.normalized), stored, oldPassword);
  };
  if (!(await directory.logins.brake({ peer, dn, password: oldPassword, watcher }, check))) throw unverified();
}

function unverified(): LdapError {
  return new LdapError(ResultCode.unwillingToPerform, 'unwilling to verify old password');
}

/** Throws 32, 10 or 50. Whether each new value may be added is asked when it is known. */
function writableEntry(operation: OperationContext, dn: DN, reader: EntryReader, access: AccessEvaluator): EntryRecord {
  const entry = reader.entryByNdn(dn.normalized);
  if (!entry) throw new LdapError(ResultCode.noSuchObject);
  operation.refer(entry, dn);
  const { userPassword } = wellKnownOf(operation.schema);
  demand(access, entry, userPassword, Privilege.delete, 'no write access to userPassword');
  return entry;
}

async function storePassword(
  operation: OperationContext,
  database: Database,
  dn: DN,
  hashes: Buffer[],
  plain: { readonly old: Buffer | undefined; readonly new: Buffer },
): Promise<void> {
  const { schema, directory } = operation;
  const { userPassword } = wellKnownOf(schema);
  const changes = [{ operation: 'replace', description: userPassword, values: hashes }] as const;
  const demandAccess = (): void => undefined;
  await underPasswordPolicy(operation, database, dn, { changes, plain, demandAccess }, (ruling) =>
    finishWrite(operation, database, (pipeline) => {
      const { tx } = pipeline;
      const access = operation.evaluator(database, tx);
      const old = writableEntry(operation, dn, tx, access);
      for (const hash of hashes) {
        demand(access, old, userPassword, Privilege.add, 'no write access to userPassword', hash);
      }
      const entry = old.toDraft(directory.parseDN(old.dn));
      entry.set(userPassword, hashes);
      ruling?.settle(entry, old);
      pipeline.replace(pipeline.prepareChanged(entry, old));
      return success;
    }),
  );
}
