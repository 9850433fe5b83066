/** New passwords: checked, given to the directory to hash (RFC 3062), or made. */
import { randomInt } from 'node:crypto';
import type { MailContext, MailSettings } from './context.js';
import { administers, lastChangeNow } from './context.js';
import type { Person } from './entries.js';
import { denied, invalid } from './errors.js';
import { sameDn } from './names.js';

const passwordBytesMax = 256;

/** @throws MailError `invalid` that says how a good one looks */
export function checkNewPassword(settings: MailSettings, password: string, repeated: string): void {
  if (password === '') throw invalid('password', 'Enter a new password.');
  if ([...password].length < settings.passwordLengthMin) {
    throw invalid('password', `That password is too short: use at least ${settings.passwordLengthMin} characters.`);
  }
  if (Buffer.byteLength(password) > passwordBytesMax) {
    throw invalid('password', `That password is too long: use at most ${passwordBytesMax} bytes.`);
  }
  // Mail programs and login forms cannot send these.
  if (/\p{Cc}/u.test(password))
    throw invalid('password', 'A password cannot contain tabs, line breaks or other control characters.');
  if (password !== repeated) throw invalid('repeat', 'The two passwords differ. Enter the same one twice.');
}

/**
 * Sets somebody's password: one's own with the present one, or as postmaster or site admin without it.
 *
 * @throws MailError `credentials` when `old` is wrong
 */
export async function setPassword(
  context: MailContext,
  person: Person,
  passwords: { readonly old?: string; readonly password: string; readonly repeat: string },
): Promise<void> {
  const domain = context.tree.domainOf(person.dn) ?? '';
  const own = sameDn(context.actor.dn, person.dn);
  if (!own && !administers(context, domain)) throw denied('Only a postmaster of the domain may change other people’s passwords.');
  if (own && !passwords.old)
    throw invalid('old', 'Enter your current password, so that nobody else can change it while you are away.');
  checkNewPassword(context.settings, passwords.password, passwords.repeat);
  await context.directory.changePassword(person.dn, {
    newPassword: passwords.password,
    ...(own && passwords.old ? { oldPassword: passwords.old } : {}),
  });
  await context.directory.modify(person.dn, [['replace', 'lastChange', [lastChangeNow()]]]);
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
