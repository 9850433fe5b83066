/**
 * A second factor for logins: codes of an authenticator app, and recovery codes for when it is lost. The entry keeps the secret
 * sealed, the step of the last code, and a keyed hash of each recovery code that is left; each code is good once, also when
 * two logins use it at the same time.
 */
import { randomInt } from 'node:crypto';
import { loginClass } from './app-password-notes.js';
import { withoutSchema } from './app-passwords.js';
import { administers, type MailContext } from './context.js';
import type { EntryChange } from './connection.js';
import { denied, invalid, MailError } from './errors.js';
import { told } from './told.js';
import type { FactorKey } from './factor-key.js';
import { sameDn } from './names.js';
import { matchingStep } from './totp.js';

const attribute = 'jammdSecondFactor';
const recoveryCount = 10;
/** Without characters that are taken for one another; twelve of them are 59 bits. */
const recoveryAlphabet = 'abcdefghjkmnpqrstuvwxyz23456789';
const recoveryLength = 12;

export interface SecondFactor {
  /** The entry is there, so it can have one. */
  readonly isPossible: boolean;
  readonly isOn: boolean;
  /** Recovery codes that are left. */
  readonly recoveryLeft: number;
}

interface StoredFactor {
  /** As stored. */
  readonly secret: string | undefined;
  readonly step: string | undefined;
  readonly recovery: readonly string[];
  readonly all: readonly string[];
  readonly hasClass: boolean;
}

async function stored({ directory }: MailContext, dn: string): Promise<StoredFactor | undefined> {
  const entry = await directory.read(dn, ['objectClass', attribute]);
  if (entry === undefined) return undefined;
  const all = entry.all(attribute);
  const first = (kind: string): string | undefined => all.find((value) => value.startsWith(`${kind} `));
  const recovery = all.filter((value) => value.startsWith('recovery '));
  return { secret: first('totp'), step: first('step'), recovery, all, hasClass: entry.isA(loginClass) };
}

export async function secondFactorOf(context: MailContext, dn: string): Promise<SecondFactor> {
  const found = await stored(context, dn);
  return { isPossible: found !== undefined, isOn: found?.secret !== undefined, recoveryLeft: found?.recovery.length ?? 0 };
}

function wrongCode(): MailError {
  return new MailError('credentials', told('wrongCode'), 'code');
}

/**
 * Switches the own second factor on, once a code proves that the app has the secret. Returns the recovery codes, to be shown once.
 *
 * @throws MailError `credentials` (field `code`)
 */
export async function enableSecondFactor(
  context: MailContext,
  key: FactorKey,
  secret: string,
  code: string,
  now = new Date(),
): Promise<readonly string[]> {
  const { dn } = context.actor;
  const before = await stored(context, dn);
  if (before === undefined) throw new MailError('conflict', told('factorNoEntry', { name: dn }));
  if (before.secret !== undefined) throw new MailError('conflict', told('factorOn'));
  const step = matchingStep(secret, code, now, 0);
  if (step === undefined) throw wrongCode();
  const codes = Array.from({ length: recoveryCount }, newRecoveryCode);
  const values = [`totp ${key.seal(secret)}`, `step ${step}`, ...codes.map((one) => recoveryValue(key, one))];
  await write(context, dn, [
    ...(before.hasClass ? [] : ([['add', 'objectClass', [loginClass]]] as const)),
    ...(before.all.length === 0 ? [] : ([['delete', attribute, before.all]] as const)),
    ['add', attribute, values],
  ]);
  if ((await stored(context, dn))?.secret === undefined) {
    // Logins ask for a code where they see a secret.
    await write(context, dn, [['replace', attribute, []]]);
    throw denied(told('factorUnreadable'));
  }
  return codes;
}

/** Takes a code of the app, or a recovery code, for the person who acts. @throws MailError `credentials` (field `code`) */
export async function passSecondFactor(context: MailContext, key: FactorKey, code: string, now = new Date()): Promise<void> {
  const { dn } = context.actor;
  const found = await stored(context, dn);
  if (found?.secret === undefined) return;
  const secret = key.unseal(found.secret.slice('totp '.length));
  if (secret === undefined) throw denied(told('factorOtherKey'));
  if (code.trim() === '') throw invalid('code', told('codeRequired'));
  const recovery = recoveryValue(key, code);
  if (found.recovery.includes(recovery)) return takeOnce(context, dn, [['delete', attribute, [recovery]]]);
  const last = found.step === undefined ? 0 : Number(found.step.slice('step '.length));
  const step = matchingStep(secret, code, now, last);
  if (step === undefined) throw wrongCode();
  return takeOnce(context, dn, [
    ...(found.step === undefined ? [] : ([['delete', attribute, [found.step]]] as const)),
    ['add', attribute, [`step ${step}`]],
  ]);
}

/** Fails where somebody else has made the same change: with the same code, at the same time. */
async function takeOnce(context: MailContext, dn: string, changes: readonly EntryChange[]): Promise<void> {
  if (!(await context.directory.modifyUnlessDone(dn, changes))) throw wrongCode();
}

/** Switches it off: one's own after a code (see passSecondFactor), anybody's as postmaster of the domain or site admin. */
export async function removeSecondFactor(context: MailContext, dn: string): Promise<boolean> {
  if (!sameDn(context.actor.dn, dn) && !administers(context, context.tree.domainOf(dn) ?? '')) {
    throw denied(told('factorByPostmaster'));
  }
  const found = await stored(context, dn);
  if (found === undefined || found.all.length === 0) return false;
  await write(context, dn, [['delete', attribute, found.all]]);
  return true;
}

async function write(context: MailContext, dn: string, changes: readonly EntryChange[]): Promise<void> {
  try {
    await context.directory.modify(dn, changes);
  } catch (error) {
    throw withoutSchema(error) ?? error;
  }
}

function newRecoveryCode(): string {
  const characters = Array.from({ length: recoveryLength }, () => recoveryAlphabet[randomInt(recoveryAlphabet.length)]);
  return characters.join('').replace(/(.{4})(?=.)/g, '$1-');
}

/** However it was typed. */
function recoveryValue(key: FactorKey, code: string): string {
  return `recovery ${key.hash(code.toLowerCase().replace(/[^a-z0-9]/g, ''))}`;
}
