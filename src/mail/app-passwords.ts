/**
 * App passwords: generated ones, each for one mail program, that its owner, a postmaster or the site admin revokes singly. The
 * pages, the commands and the API refuse them; any LDAP server that a mail program binds to takes them.
 */
import { InvalidSyntaxError, ObjectClassViolationError, UndefinedTypeError } from 'ldapts';
import {
  appPasswordsOf,
  hashGenerated,
  idOf,
  isAppPassword,
  loginClass,
  makeNote,
  noteAttribute,
  passwordAttributes,
  readPasswords,
  staleNotes,
  useAttribute,
  type AppPassword,
} from './app-password-notes.js';
import { administers, lastChangeNow, requireSiteAdmin, type MailContext } from './context.js';
import type { EntryChange } from './connection.js';
import { isAnyOf } from './directory-errors.js';
import type { Account } from './entries.js';
import { denied, invalid, isMailError, MailError } from './errors.js';
import { told } from './told.js';
import { isA } from './filters.js';
import type { MailEntry } from './mail-entry.js';
import { sameDn } from './names.js';
import { generatePassword } from './passwords.js';

/** Servers try every value of userPassword when somebody logs in. */
const countMax = 25;
const labelLengthMax = 60;
export const daysMax = 3_660;
const day = 24 * 60 * 60 * 1_000;

export interface NewAppPassword {
  /** What it is for: `Phone`. */
  readonly label: string;
  /** Days until it expires; undefined for never. */
  readonly days?: number | undefined;
  /** The owner's own password, where they make it themselves. */
  readonly old?: string;
}

export interface MadeAppPassword {
  /** To be shown once: only its hash is kept. */
  readonly password: string;
  readonly id: string;
  readonly label: string;
  readonly expiresAt: Date | undefined;
}

function requireRight(context: MailContext, dn: string): void {
  if (sameDn(context.actor.dn, dn) || administers(context, context.tree.domainOf(dn) ?? '')) return;
  throw denied(told('appPasswordsOfOthers'));
}

export async function listAppPasswords(context: MailContext, { dn }: Pick<Account, 'dn'>): Promise<readonly AppPassword[]> {
  requireRight(context, dn);
  return appPasswordsOf(await readPasswords(context.directory, dn));
}

/** @throws MailError `credentials` (field `old`) when the owner's own password is wrong */
export async function makeAppPassword(context: MailContext, account: Account, request: NewAppPassword): Promise<MadeAppPassword> {
  const { directory } = context;
  requireRight(context, account.dn);
  if (account.deleted) throw new MailError('conflict', told('isDeleted', { name: account.address }));
  const label = parseLabel(request.label);
  const expiresAt = checkDays(request.days);
  if (sameDn(context.actor.dn, account.dn)) await requireOwnPassword(context, request.old ?? '');
  const entry = await readPasswords(directory, account.dn);
  const present = appPasswordsOf(entry);
  if (present.some((one) => one.label.toLowerCase() === label.toLowerCase())) {
    throw invalid('label', told('appPasswordExists', { label }));
  }
  if (present.length >= countMax) {
    throw new MailError('conflict', told('appPasswordsAtMost', { most: countMax }));
  }
  const password = generatePassword();
  const value = hashGenerated(password);
  await change(context, account.dn, [
    ...(entry?.isA(loginClass) ? [] : ([['add', 'objectClass', [loginClass]]] as const)),
    ...(entry ? staleNotes(entry) : []),
    ['add', 'userPassword', [value]],
    ['add', noteAttribute, [makeNote(value, label, expiresAt)]],
  ]);
  return { password, id: idOf(value), label, expiresAt };
}

/** Checks the password of whoever acts, as a login would, on a connection of its own. @throws MailError `credentials` */
export async function requireOwnPassword({ directory, actor }: MailContext, password: string): Promise<void> {
  if (password === '') throw invalid('old', told('oldRequiredForThis'));
  const isRight = await directory.isPassword(actor.dn, password);
  if (isRight && !isAppPassword(await readPasswords(directory, actor.dn), password)) return;
  throw new MailError('credentials', told('oldWrong'), 'old');
}

/** Returns the label. @throws MailError `not-found` */
export async function revokeAppPassword(context: MailContext, { dn }: Pick<Account, 'dn'>, id: string): Promise<string> {
  requireRight(context, dn);
  const [gone] = await remove(context, dn, (all) => all.filter((one) => one.id === id));
  if (gone === undefined) throw new MailError('not-found', told('noAppPassword'));
  return gone.label;
}

/** Returns how many there were. */
export async function revokeAllAppPasswords(context: MailContext, { dn }: Pick<Account, 'dn'>): Promise<number> {
  requireRight(context, dn);
  return (await remove(context, dn, (all) => all)).length;
}

export interface Expired {
  readonly dn: string;
  readonly labels: readonly string[];
}

const holdersMax = 1_000_000;

/** Removes expired app passwords everywhere, and notes whose passwords are gone. */
export async function removeExpired(context: MailContext): Promise<readonly Expired[]> {
  requireSiteAdmin(context);
  const { directory, tree } = context;
  const search = { scope: 'sub', filter: isA(loginClass), attributes: passwordAttributes, max: holdersMax } as const;
  const { entries } = await directory.list(tree.base, search);
  const removed: Expired[] = [];
  for (const entry of entries) {
    const expired = appPasswordsOf(entry).filter((one) => one.expired);
    const changes = removal(entry, expired);
    if (changes.length === 0 || !(await directory.modifyUnlessDone(entry.dn, changes))) continue;
    if (expired.length > 0) removed.push({ dn: entry.dn, labels: expired.map(({ label }) => label) });
  }
  return removed;
}

function removal(entry: MailEntry, gone: readonly AppPassword[]): readonly EntryChange[] {
  const texts: Record<string, string[]> = {
    userPassword: gone.map(({ value }) => value),
    [noteAttribute]: gone.map(({ note }) => note),
    [useAttribute]: gone.flatMap(({ uses }) => uses),
  };
  for (const [, type, stale] of staleNotes(entry)) texts[type]?.push(...stale);
  return Object.entries(texts).flatMap(([type, values]) => (values.length === 0 ? [] : [['delete', type, values] as const]));
}

const attemptsMax = 5;

/** Removes what `choose` chooses, anew where a server has noted a use meanwhile. */
async function remove(
  context: MailContext,
  dn: string,
  choose: (all: readonly AppPassword[]) => readonly AppPassword[],
): Promise<readonly AppPassword[]> {
  for (let attempt = 1; ; attempt++) {
    const entry = await readPasswords(context.directory, dn);
    const gone = choose(appPasswordsOf(entry));
    if (entry === undefined || gone.length === 0) return [];
    try {
      await change(context, dn, removal(entry, gone));
      return gone;
    } catch (error) {
      if (!isMailError(error, 'conflict') || attempt === attemptsMax) throw error;
    }
  }
}

async function change(context: MailContext, dn: string, changes: readonly EntryChange[]): Promise<void> {
  try {
    await context.directory.modify(dn, [...changes, ['replace', 'lastChange', [lastChangeNow()]]]);
  } catch (error) {
    throw withoutSchema(error) ?? error;
  }
}

/** A directory that knows nothing of these attributes. */
export function withoutSchema(error: unknown): MailError | undefined {
  const cause = error instanceof MailError ? error.cause : undefined;
  const said = cause instanceof Error ? cause.message : '';
  const isUnknown =
    isAnyOf(cause, UndefinedTypeError) ||
    (isAnyOf(cause, InvalidSyntaxError, ObjectClassViolationError) && /objectclass/i.test(said));
  if (!isUnknown) return undefined;
  return new MailError('unavailable', told('schemaMissing'), undefined, { cause });
}

/** When it expires. @throws MailError `invalid` */
export function checkDays(days: number | undefined): Date | undefined {
  if (days === undefined) return undefined;
  if (!Number.isInteger(days) || days < 1 || days > daysMax) {
    throw invalid('days', told('daysInvalid', { most: daysMax }));
  }
  return new Date(Date.now() + days * day);
}

export function parseLabel(text: string): string {
  const label = text.trim();
  if (label === '') throw invalid('label', told('labelRequired'));
  if ([...label].length > labelLengthMax) throw invalid('label', told('nameTooLong', { most: labelLengthMax }));
  if (/\p{Cc}/u.test(label)) throw invalid('label', told('nameControl'));
  return label;
}
