/** New passwords: checked, given to the directory to hash (RFC 3062), or made. */
import { randomInt } from 'node:crypto';
import type { MailContext, MailSettings } from './context.js';
import { administers, lastChangeNow } from './context.js';
import { appPasswordsOf, isAppPassword, noteAttribute, readPasswords, useAttribute } from './app-password-notes.js';
import type { Person } from './entries.js';
import { denied, invalid, MailError } from './errors.js';
import { told } from './told.js';
import { sameDn } from './names.js';

const passwordBytesMax = 256;

/** @throws MailError `invalid` that says how a good one looks */
export function checkNewPassword(settings: MailSettings, password: string, repeated: string): void {
  if (password === '') throw invalid('password', told('passwordRequired'));
  if ([...password].length < settings.passwordLengthMin) {
    throw invalid('password', told('passwordTooShort', { least: settings.passwordLengthMin }));
  }
  if (Buffer.byteLength(password) > passwordBytesMax) {
    throw invalid('password', told('passwordTooLong', { most: passwordBytesMax }));
  }
  // Mail programs and login forms cannot send these.
  if (/\p{Cc}/u.test(password)) throw invalid('password', told('passwordControl'));
  if (password !== repeated) throw invalid('repeat', told('passwordsDiffer'));
}

export interface NewPassword {
  readonly old?: string;
  readonly password: string;
  readonly repeat: string;
  /** App passwords end with the old password; otherwise they stay. */
  readonly revokeAppPasswords?: boolean;
}

/**
 * Sets somebody's password: one's own with the present one, or as postmaster or site admin without it.
 *
 * @throws MailError `credentials` when `old` is wrong
 */
export async function setPassword(context: MailContext, person: Person, passwords: NewPassword): Promise<void> {
  const domain = context.tree.domainOf(person.dn) ?? '';
  const own = sameDn(context.actor.dn, person.dn);
  if (!own && !administers(context, domain)) throw denied(told('passwordByPostmaster'));
  if (own && !passwords.old) throw invalid('old', told('oldRequired'));
  checkNewPassword(context.settings, passwords.password, passwords.repeat);
  const { directory } = context;
  const before = await readPasswords(directory, person.dn);
  const appPasswords = appPasswordsOf(before);
  if (own && passwords.old && isAppPassword(before, passwords.old)) {
    throw new MailError('credentials', told('oldIsAppPassword'), 'old');
  }
  await directory.changePassword(person.dn, {
    newPassword: passwords.password,
    ...(own && passwords.old ? { oldPassword: passwords.old } : {}),
  });
  const lastChange = ['replace', 'lastChange', [lastChangeNow()]] as const;
  if (appPasswords.length === 0) return directory.modify(person.dn, [lastChange]);
  if (passwords.revokeAppPasswords) {
    return directory.modify(person.dn, [['replace', noteAttribute, []], ['replace', useAttribute, []], lastChange]);
  }
  // Password Modify has replaced all values (RFC 3062 leaves it to the server; all in use do).
  const kept = appPasswords.map(({ value }) => value);
  try {
    if (await directory.modifyUnlessDone(person.dn, [['add', 'userPassword', kept], lastChange])) return;
  } catch (cause) {
    throw new MailError('unavailable', told('appPasswordsLost'), undefined, { cause });
  }
}

// Without characters that are taken for one another in print.
const generatedAlphabet = 'abcdefghjkmnpqrstuvwxyzACDEFGHJKLMNPQRTUVWXY34679';
const generatedGroups = 4;
const generatedGroupLength = 5;

/** A password a person can type from paper: four groups of five, more than 110 bits. */
export function generatePassword(): string {
  const group = (): string =>
    Array.from({ length: generatedGroupLength }, () => generatedAlphabet[randomInt(generatedAlphabet.length)]).join('');
  return Array.from({ length: generatedGroups }, group).join('-');
}
