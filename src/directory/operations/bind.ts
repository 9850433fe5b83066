/** The bind operation (RFC 4511 section 4.2, RFC 4513 section 5). */
import type { AccessEvaluator } from '../../access/model.js';
import { RecordDamagedError, type EntryRecord } from '../../entry/record.js';
import { DN } from '../../dn/dn.js';
import type { BindRequest } from '../../ldap/request.js';
import { LdapError, ResultCode, success } from '../../ldap/result.js';
import { StoreDamagedError } from '../../store/errors.js';
import type { Database } from '../database.js';
import { usesAppPassword } from '../logins/app-passwords.js';
import { hashOrigin } from '../logins/login-throttle.js';
import type { MaybePromise } from '../model.js';
import type { OperationContext } from './operation.js';
import { passwordsOf, verifyAny } from './password-check.js';
import type { BindOutcome } from './bind-outcome.js';
import { scramBind } from './sasl/scram.js';
import { isScramMechanism } from '../logins/scram-mechanisms.js';
import { assumedIdentity } from '../logins/authorization.js';
import { mapIdentity } from '../logins/identity.js';
import { settleLogin, settlesLogins, type LoginVerdict } from '../logins/settled-login.js';

export function bind(operation: OperationContext, request: BindRequest): MaybePromise<BindOutcome> {
  const { features } = operation.directory.config;
  // Not by way of the directory, which remembers names: a directory's users are too many for that.
  const name = DN.parse(request.name, operation.schema);
  if (request.version !== 3 && !(request.version === 2 && features.bindV2)) {
    throw new LdapError(
      ResultCode.protocolError,
      request.version === 2
        ? 'historical protocol version requested, use LDAPv3 instead'
        : 'requested protocol version not supported',
    );
  }
  operation.checkPasswordControls(operation.directory.databaseOf(name.normalized));
  const { authentication } = request;
  const mechanism = authentication.method === 'sasl' ? authentication.mechanism : undefined;
  if (operation.session.scram?.mechanism !== mechanism) operation.session.scram = undefined;
  switch (authentication.method) {
    case 'simple':
      return simpleBind(operation, name, authentication.password);
    case 'sasl':
      return saslBind(operation, authentication.mechanism, authentication.credentials);
    case 'unknown':
      throw new LdapError(ResultCode.authMethodNotSupported, 'unknown authentication method');
  }
}

function bound(dn: DN | undefined, saslSsf = 0): BindOutcome {
  return { identity: { dn, saslSsf }, response: success };
}

/** Where a password policy, or the note of logins, has a say. Throws 49. */
function boundAs(dn: DN, { admits, mustChange, controls }: LoginVerdict): BindOutcome {
  if (!admits) throw new LdapError(ResultCode.invalidCredentials, '', { controls });
  return { identity: { dn, saslSsf: 0 }, response: { ...success, controls }, mustChangePassword: mustChange };
}

function simpleBind(operation: OperationContext, name: DN, password: Buffer): MaybePromise<BindOutcome> {
  const { config } = operation.directory;
  const { features } = config;
  if (password.length === 0) {
    if (name.isEmpty || features.bindUnauthenticated) {
      if (!features.bindAnonymous) {
        throw new LdapError(ResultCode.inappropriateAuthentication, 'anonymous bind disallowed');
      }
      return bound(undefined);
    }
    throw new LdapError(ResultCode.unwillingToPerform, 'unauthenticated bind (DN with no password) disallowed');
  }
  if (name.isEmpty) {
    if (features.bindAnonymousWithCredentials && features.bindAnonymous) return bound(undefined);
    throw new LdapError(ResultCode.invalidCredentials);
  }
  if (!features.bindSimple) {
    throw new LdapError(ResultCode.unwillingToPerform, 'simple bind with DN and password disallowed');
  }
  const database = operation.directory.databaseOf(name.normalized);
  operation.checkAllowed(database);
  for (const security of [config.security, database?.config.security]) {
    if (security && security.simpleBind > operation.subject.ssf) {
      throw new LdapError(ResultCode.confidentialityRequired, 'confidentiality required');
    }
  }
  return checkPassword(operation, name, database, password);
}

/**
 * The rootdn's password may stand in the configuration; everybody else's stands in the entry. An unknown name costs
 * what a wrong password costs, so that nobody learns from the time which names exist.
 */
function checkPassword(
  operation: OperationContext,
  name: DN,
  database: Database | undefined,
  password: Buffer,
): MaybePromise<BindOutcome> {
  const rootPassword = database?.isRoot(name) ? database.config.rootPassword : operation.directory.configRoot(name)?.rootPassword;
  const entry = rootPassword && database ? wholeEntry(database, name) : database?.store.entryByNdn(name.normalized);
  const own = database && entry ? passwordsOf(operation.directory, entry, anonymousAccess(operation, database)) : [];
  const stored = rootPassword ? [rootPassword, ...own] : own;
  const matched = verifyAny(operation.directory, hashOrigin(operation.peer, name.normalized), stored, password);
  // The rootdn keeps the spelling it came with, as in slapd; everybody else is called as the entry is.
  const identity = (): DN =>
    rootPassword || !entry || entry.dn === name.toString() ? name : operation.directory.parseDN(entry.dn);
  const outcome = (ok: boolean): MaybePromise<BindOutcome> => {
    const isReadOnly = ok && database && entry && usesAppPassword(operation.directory, database, entry, password);
    const limited = (found: BindOutcome): BindOutcome => (isReadOnly ? { ...found, isReadOnly } : found);
    if (database && entry && settlesLogins(database)) {
      const verdict = settled(operation, database, entry, ok, identity);
      return verdict instanceof Promise ? verdict.then(limited) : limited(verdict);
    }
    if (!ok) throw new LdapError(ResultCode.invalidCredentials);
    return limited(bound(identity()));
  };
  return matched instanceof Promise ? matched.then(outcome) : outcome(matched);
}

function settled(
  operation: OperationContext,
  database: Database,
  entry: EntryRecord,
  isRight: boolean,
  identity: () => DN,
): MaybePromise<BindOutcome> {
  const asked = operation.controls.has('passwordPolicy');
  const verdict = settleLogin(operation.directory, database, { entry, isRight, isLogin: true, asked });
  return verdict instanceof Promise ? verdict.then((one) => boundAs(identity(), one)) : boundAs(identity(), verdict);
}

/**
 * The rootdn's own entry, where it can be read: whoever can mend a damaged database must get in, with the password that is
 * not in it.
 */
function wholeEntry(database: Database, rootDN: DN): EntryRecord | undefined {
  try {
    return database.store.entryByNdn(rootDN.normalized);
  } catch (error) {
    if (error instanceof StoreDamagedError || error instanceof RecordDamagedError) return undefined;
    throw error;
  }
}

/** What the rules say, to the rootdn too, before anybody has logged in. */
function anonymousAccess(operation: OperationContext, database: Database): AccessEvaluator {
  return database.policy.evaluator(operation.subject, operation.environment(database, database.store));
}

function saslBind(operation: OperationContext, mechanism: string, credentials: Buffer | undefined): MaybePromise<BindOutcome> {
  if (mechanism === 'EXTERNAL') return externalBind(operation, credentials);
  if (isScramMechanism(mechanism)) return scramBind(operation, mechanism, credentials);
  throw new LdapError(ResultCode.authMethodNotSupported, 'SASL mechanism not available here');
}

/** SASL EXTERNAL (RFC 4513 section 5.2.3): the transport says who is there; the credentials, who that is to act as. */
function externalBind(operation: OperationContext, credentials: Buffer | undefined): MaybePromise<BindOutcome> {
  const { directory, peer, subject } = operation;
  if (peer.externalIdentity === undefined) {
    throw new LdapError(ResultCode.authMethodNotSupported, 'SASL mechanism not available here');
  }
  const own = mapIdentity(operation, directory.parseDN(peer.externalIdentity));
  const become = (dn: DN): MaybePromise<BindOutcome> => {
    const identity = assumedIdentity(operation, dn, credentials?.toString() ?? '', 'EXTERNAL');
    return identity instanceof Promise ? identity.then((assumed) => bound(assumed, subject.ssf)) : bound(identity, subject.ssf);
  };
  return own instanceof Promise ? own.then(become) : become(own);
}
