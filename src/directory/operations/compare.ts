/** The compare operation (RFC 4511 section 4.10). */
import { Privilege, type AccessEvaluator } from '../../access/model.js';
import type { DN } from '../../dn/dn.js';
import type { CompareRequest } from '../../ldap/request.js';
import { LdapError, ResultCode } from '../../ldap/result.js';
import type { AttributeDescription } from '../../ldap/schema.js';
import type { EntryRecord } from '../../entry/record.js';
import type { Database } from '../database.js';
import { compareOnList } from '../lists/compare.js';
import { settleLogin, type LoginVerdict } from '../logins/settled-login.js';
import type { MaybePromise } from '../model.js';
import { wellKnownOf } from '../rules/schema-check.js';
import { computedValuesOf, type ComputedAttribute } from '../search/computed.js';
import type { Response } from '../../ldap/response.js';
import type { OperationContext } from './operation.js';
import { checkAssertion } from './write.js';

const compareTrue: Response = Object.freeze({ code: ResultCode.compareTrue, matchedDN: '', diagnostic: '' });
const compareFalse: Response = Object.freeze({ code: ResultCode.compareFalse, matchedDN: '', diagnostic: '' });

export function compare(operation: OperationContext, request: CompareRequest): MaybePromise<Response> {
  const { directory, schema } = operation;
  const dn = directory.parseDN(request.entry);
  const description = schema.attributeDescription(request.attribute);
  if (!description) {
    throw new LdapError(ResultCode.undefinedAttributeType, `${request.attribute}: attribute type undefined`);
  }
  const rule = description.type.equality;
  if (!rule) throw new LdapError(ResultCode.inappropriateMatching, `${description.text}: no equality matching rule`);
  const asserted = (rule.normalizeAssertion ?? rule.normalize)(request.value);
  if (asserted === undefined) {
    throw new LdapError(ResultCode.invalidAttributeSyntax, `${description.text}: value does not conform to assertion syntax`);
  }
  const known = wellKnownOf(schema);
  const virtual = directory.virtualEntry(dn.normalized, operation.peer);
  if (virtual) {
    operation.checkAllowed(undefined);
    const access = directory.virtualEvaluator(operation.subject, dn.normalized);
    if (!access.allows(virtual, description, Privilege.compare, request.value)) {
      throw new LdapError(ResultCode.insufficientAccessRights);
    }
    if (description === known.entryDN) {
      throw dn.isWithin(directory.monitorDN) ? notCompared(description) : new LdapError(ResultCode.noSuchAttribute);
    }
    const found = compareValues(virtual, description, asserted, directory.virtualComputed);
    if (found === undefined) throw new LdapError(ResultCode.noSuchAttribute);
    return found;
  }
  const database = operation.databaseOf(dn);
  if (description === known.entryDN || description === known.subschemaSubentry) throw notCompared(description);
  const { store } = database;
  const access = operation.evaluator(database, store);
  const record = store.entryByNdn(dn.normalized);
  if (!record) throw operation.absent(dn, store, access);
  operation.refer(record, dn);
  if (!access.allows(record, description, Privilege.compare, request.value)) {
    throw failure(access, record, ResultCode.insufficientAccessRights);
  }
  checkAssertion(operation, database, record, access);
  const stored = compareValues(record, description, asserted, database.computed);
  const conclude = (onList: boolean | undefined): MaybePromise<Response> => {
    const found = onList === undefined ? stored : onList ? compareTrue : (stored ?? compareFalse);
    if (found === undefined) throw failure(access, record, ResultCode.noSuchAttribute);
    return concludeCompare(operation, database, dn, { record, access, description, value: request.value, found });
  };
  if (stored === compareTrue || operation.controls.has('manageDsaIT')) return conclude(undefined);
  const isStored = stored !== undefined;
  const onList = compareOnList(operation, { database, record, description, asserted: request.value, isStored });
  return onList instanceof Promise ? onList.then(conclude) : conclude(onList);
}

interface Compared {
  readonly record: EntryRecord;
  readonly access: AccessEvaluator;
  readonly description: AttributeDescription;
  readonly value: Buffer;
  readonly found: Response;
}

function concludeCompare(
  operation: OperationContext,
  database: Database,
  dn: DN,
  { record, access, description, value, found }: Compared,
): MaybePromise<Response> {
  const { schema } = operation;
  const { userPassword } = wellKnownOf(schema);
  if (!schema.isSubtypeOf(description, userPassword)) return found;
  const asked = database.passwordPolicy !== undefined && operation.controls.has('passwordPolicy');
  if (!asked && access.allows(record, description, Privilege.read, value)) return found;
  return compareGuess(operation, database, dn, record, value, found);
}

/** A client that may compare passwords but not read them can guess them, so it is throttled like a bind. */
function compareGuess(
  operation: OperationContext,
  database: Database,
  dn: DN,
  record: EntryRecord,
  guess: Buffer,
  found: Response,
): MaybePromise<Response> {
  const { directory, peer, passwords: watcher } = operation;
  const check = { peer, dn, password: guess, watcher };
  if (!database.passwordPolicy) {
    const counted = directory.logins.brake(check, () => found === compareTrue);
    return counted instanceof Promise ? counted.then(() => found) : found;
  }
  let verdict: LoginVerdict | undefined;
  const asked = operation.controls.has('passwordPolicy');
  const settle = async (): Promise<boolean> => {
    const entry = database.store.entryByNdn(record.ndn) ?? record;
    verdict = await settleLogin(directory, database, { entry, isRight: found === compareTrue, isLogin: false, asked });
    return verdict.admits;
  };
  return Promise.resolve(directory.logins.brake(check, settle)).then((admits) => ({
    ...(admits ? compareTrue : compareFalse),
    controls: verdict?.controls ?? [],
  }));
}

/** As slapd, which compares neither entryDN nor subschemaSubentry. */
function notCompared({ text }: AttributeDescription): LdapError {
  return new LdapError(ResultCode.unwillingToPerform, `${text} compare not supported`);
}

/** A client that may not know of the entry is told that it does not exist. */
function failure(access: AccessEvaluator, record: EntryRecord, code: ResultCode): LdapError {
  return new LdapError(access.allows(record, 'entry', Privilege.disclose) ? code : ResultCode.noSuchObject);
}

/** Undefined where the entry lacks the attribute. */
function compareValues(
  record: EntryRecord,
  description: AttributeDescription,
  asserted: string,
  computed: readonly ComputedAttribute[],
): Response | undefined {
  const rule = description.type.equality!;
  const worked = computedValuesOf(computed, record, description.type);
  if (worked) return worked.some((value) => rule.normalize(value) === asserted) ? compareTrue : compareFalse;
  let present = false;
  const found = record.someSelected(description, (index) => {
    present = true;
    return record.someValue(index, (buffer, start, end) => rule.matches(buffer, start, end, asserted));
  });
  if (found) return compareTrue;
  return present ? compareFalse : undefined;
}
