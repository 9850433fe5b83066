/**
 * SASL SCRAM-SHA-256 and SCRAM-SHA-256-PLUS (RFC 5802, 7677): two binds on one connection. Whether a name exists shows
 * neither in the first answer (an unknown name has a salt that stays the same) nor in the time of the second.
 */
import { hkdfSync, randomBytes } from 'node:crypto';
import { DN } from '../../../dn/dn.js';
import { LdapError, ResultCode, success } from '../../../ldap/result.js';
import { deriveScramSecret } from '../../../password/password.js';
import { parseStoredPassword } from '../../../password/scheme.js';
import {
  isScramProof,
  scramIterations,
  scramSaltBytes,
  scramServerSignature,
  type ScramSecret,
} from '../../../password/scram.js';
import { assumedIdentity } from '../../logins/authorization.js';
import { mapIdentity, userName } from '../../logins/identity.js';
import { hashOrigin } from '../../logins/login-throttle.js';
import { settleLogin, settlesLogins, type LoginVerdict } from '../../logins/settled-login.js';
import { acceptedBindings, scramMechanismsFor, scramPlusMechanism } from '../../logins/scram-mechanisms.js';
import type { MaybePromise, Peer } from '../../model.js';
import type { ScramExchange } from '../../session-context.js';
import type { OperationContext } from '../operation.js';
import { passwordsOf } from '../password-check.js';
import type { BindOutcome } from '../bind-outcome.js';
import { anonymous } from '../../session-context.js';

const messageBytesMax = 4_096;
const nonceBytes = 18;
/** PBKDF2's input when there is no password. */
const noPassword = randomBytes(32);
/** HKDF makes no more. */
const saltBytesMax = 8_160;
/** Clients of Cyrus SASL take no more. */
const cyrusIterationsMax = 65_536;

const clientFirst = /^((n|y|p=([A-Za-z0-9.-]+)),(?:a=([^,]*))?,)(n=([^,]+),r=([\x21-\x2b\x2d-\x7e]+)(?:,[^\0]*)?)$/;
const clientFinal = /^(c=([A-Za-z0-9+/=]*),r=([^,]+)(?:,[^\0]*)?),p=([A-Za-z0-9+/=]+)$/;

/** Throws, or rejects with, 7 where the connection does not offer the mechanism, 49, 50, 51. */
export async function scramBind(
  operation: OperationContext,
  mechanism: string,
  credentials: Buffer | undefined,
): Promise<BindOutcome> {
  const { session, peer } = operation;
  if (!scramMechanismsFor(peer).includes(mechanism)) {
    throw new LdapError(ResultCode.authMethodNotSupported, 'SASL mechanism not available here');
  }
  const exchange = session.scram;
  session.scram = undefined;
  if ((credentials?.length ?? 0) > messageBytesMax) throw refused('the SCRAM message is too long');
  const message = credentials?.toString('utf8') ?? '';
  if (exchange) return finish(operation, exchange, message);
  const begun = await begin(operation, mechanism, message);
  session.scram = begun;
  return {
    identity: anonymous,
    response: {
      code: ResultCode.saslBindInProgress,
      matchedDN: '',
      diagnostic: '',
      serverSaslCredentials: Buffer.from(begun.serverFirst),
    },
  };
}

async function begin(operation: OperationContext, mechanism: string, message: string): Promise<ScramExchange> {
  const [, gs2Header, flag, bindingName, authzId = '', bare, user, clientNonce] = clientFirst.exec(message) ?? [];
  if (gs2Header === undefined) throw refused('the SCRAM message cannot be read');
  checkBindingFlag(operation.peer, mechanism, flag!, bindingName);
  const name = DN.parse(userName(saslName(user!), mechanism), operation.schema);
  operation.passwords?.passwordTried(name);
  const dn = await mapIdentity(operation, name);
  const known = secretOf(operation, dn);
  const { salt, iterations } = known.secret ?? madeUpSecret(operation, dn, known.password !== undefined);
  const nonce = clientNonce! + randomBytes(nonceBytes).toString('base64');
  return {
    mechanism,
    gs2Header,
    bindingName,
    channelBinding: operation.peer.channelBinding,
    authzId: saslName(authzId),
    clientFirstBare: bare!,
    serverFirst: `r=${nonce},s=${salt.toString('base64')},i=${iterations}`,
    nonce,
    dn,
    salt,
    iterations,
    ...known,
  };
}

/**
 * For a password in clear text, and for whoever cannot log in, which are not to be told from a stored secret: the salt stays the same,
 * and length and iterations are those that stored secrets here usually have. Those with a password must be able to log in.
 */
function madeUpSecret(
  { directory }: OperationContext,
  { normalized }: DN,
  hasPassword: boolean,
): Pick<ScramSecret, 'salt' | 'iterations'> {
  const { iterations, saltBytes } = directory.verifiedPasswords.forms.usualScram ?? {
    iterations: scramIterations,
    saltBytes: scramSaltBytes,
  };
  const key = hkdfSync(
    'sha256',
    directory.secretFor(normalized),
    normalized,
    'SCRAM-SHA-256 salt',
    Math.min(saltBytes, saltBytesMax),
  );
  return { salt: Buffer.from(key), iterations: hasPassword ? Math.min(iterations, cyrusIterationsMax) : iterations };
}

/**
 * RFC 5802 section 6. A client that could have tied its login to the TLS connection and thinks that it is not offered has been
 * told so by somebody else. Cyrus SASL's clients bind channels under the name without -PLUS, too.
 */
function checkBindingFlag(peer: Peer, mechanism: string, flag: string, bindingName: string | undefined): void {
  if (bindingName !== undefined) {
    if (acceptedBindings(peer, bindingName).length === 0) throw refused('this channel binding is not supported here');
  } else if (mechanism === scramPlusMechanism) {
    throw refused('this mechanism asks for a channel binding');
  } else if (flag === 'y' && peer.channelBinding) {
    throw refused('channel binding is offered here, which the client was not told');
  }
}

/** Does the client see the same connection? */
function isSameChannel(peer: Peer, { gs2Header, bindingName, channelBinding }: ScramExchange, sent: Buffer): boolean {
  // TLS was started in between.
  if (channelBinding !== peer.channelBinding) return false;
  const header = Buffer.from(gs2Header);
  if (bindingName === undefined) return sent.equals(header);
  return acceptedBindings(peer, bindingName).some((data) => sent.equals(Buffer.concat([header, data])));
}

/** What an anonymous client may authenticate against: a stored secret, else a password in clear text. */
function secretOf(operation: OperationContext, dn: DN): Pick<ScramExchange, 'secret' | 'password'> {
  const { directory } = operation;
  const database = directory.databaseOf(dn.normalized);
  operation.checkAllowed(database);
  const entry = database?.store.entryByNdn(dn.normalized);
  if (!database || !entry) return { secret: undefined, password: undefined };
  const access = database.policy.evaluator(operation.subject, operation.environment(database, database.store));
  let secret: ScramSecret | undefined;
  let password: Buffer | undefined;
  for (const value of passwordsOf(directory, entry, access).slice(0, 16)) {
    const parsed = parseStoredPassword(value);
    if (parsed.kind === 'scram' && !secret) {
      secret = parsed.secret;
      directory.verifiedPasswords.forms.note(dn.normalized, value);
    }
    if (parsed.kind === 'clear') password ??= parsed.text;
  }
  return { secret, password: secret ? undefined : password };
}

async function finish(operation: OperationContext, exchange: ScramExchange, message: string): Promise<BindOutcome> {
  const { directory, peer, passwords: watcher } = operation;
  watcher?.passwordTried(exchange.dn);
  const [, withoutProof, binding, nonce, proofText] = clientFinal.exec(message) ?? [];
  if (withoutProof === undefined || nonce !== exchange.nonce) throw refused('the SCRAM message cannot be read');
  if (!isSameChannel(peer, exchange, Buffer.from(binding!, 'base64'))) throw refused('the channel binding does not match');
  const authMessage = `${exchange.clientFirstBare},${exchange.serverFirst},${withoutProof}`;
  const proof = Buffer.from(proofText!, 'base64');
  const ndn = exchange.dn.normalized;
  let signature: Buffer | undefined;
  let verdict: LoginVerdict | undefined;
  const check = async (): Promise<boolean> => {
    // For every name, so that they all take as long.
    const origin = hashOrigin(peer, ndn);
    const made = await deriveScramSecret(exchange.password ?? noPassword, exchange.salt, exchange.iterations, origin);
    const secret = exchange.secret ?? (exchange.password ? made : undefined);
    const isRight = isScramProof(secret ?? made, authMessage, proof) && secret !== undefined;
    verdict = await verdictOn(operation, exchange.dn, isRight);
    if (!secret || !(verdict?.admits ?? isRight)) return false;
    signature = scramServerSignature(secret, authMessage);
    return true;
  };
  const right = await directory.logins.brake({ peer, dn: exchange.dn, password: proof, watcher }, check);
  const controls = verdict?.controls ?? [];
  if (!right || !signature) throw new LdapError(ResultCode.invalidCredentials, '', { controls });
  const dn = await assumedIdentity(operation, exchange.dn, exchange.authzId, exchange.mechanism);
  const serverSaslCredentials = Buffer.from(`v=${signature.toString('base64')}`);
  return {
    identity: { dn, saslSsf: 0 },
    response: { ...success, serverSaslCredentials, controls },
    mustChangePassword: verdict?.mustChange ?? false,
  };
}

/** Undefined where neither a password policy nor the note of logins has a say. */
function verdictOn(operation: OperationContext, { normalized }: DN, isRight: boolean): MaybePromise<LoginVerdict | undefined> {
  const database = operation.directory.databaseOf(normalized);
  const entry = database && settlesLogins(database) ? database.store.entryByNdn(normalized) : undefined;
  if (!database || !entry) return undefined;
  const asked = operation.controls.has('passwordPolicy');
  return settleLogin(operation.directory, database, { entry, isRight, isLogin: true, asked });
}

/** RFC 5802 section 5.1: a comma and an equals sign are written in hex. */
function saslName(text: string): string {
  return text.replaceAll('=2C', ',').replaceAll('=3D', '=');
}

function refused(diagnostic: string): LdapError {
  return new LdapError(ResultCode.invalidCredentials, diagnostic);
}
