/**
 * App passwords as the directory keeps them: further values of userPassword, and for each a note with its label and dates that is
 * tied to it by the digest of the hashed value. A note whose value is gone (ldappasswd replaces them all) says nothing any more.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { DirectoryConnection, EntryChange } from './connection.js';
import type { MailEntry } from './mail-entry.js';

/** The auxiliary class of entries with notes or a second factor. */
export const loginClass = 'jammdLogin';
export const noteAttribute = 'jammdAppPassword';
export const useAttribute = 'jammdAppPasswordUse';

/** What reading app passwords takes. */
export const passwordAttributes: readonly string[] = ['objectClass', 'userPassword', noteAttribute, useAttribute];

const saltBytes = 16;
const idLength = 12;

export interface AppPassword {
  /** Short, for commands and addresses: the beginning of the digest. */
  readonly id: string;
  readonly label: string;
  readonly createdAt: Date | undefined;
  readonly expiresAt: Date | undefined;
  /** As the server noted it; undefined where it was not used, or the server does not note it. */
  readonly usedAt: Date | undefined;
  readonly expired: boolean;
  /** The value of userPassword, which is a hash. */
  readonly value: string;
  readonly note: string;
  /** Notes of its use. */
  readonly uses: readonly string[];
}

/** Those whose values are there, in the order in which they were made. */
export function appPasswordsOf(entry: MailEntry | undefined, now = new Date()): readonly AppPassword[] {
  const notes = entry?.all(noteAttribute) ?? [];
  if (entry === undefined || notes.length === 0) return [];
  const values = new Map(entry.all('userPassword').map((value) => [digestOf(value), value]));
  const found = notes.flatMap((note) => {
    const [, digest = '', created = '', expires = '', label = ''] = /^([0-9a-f]{64}) (\S+) (\S+) (.*)$/su.exec(note) ?? [];
    const value = values.get(digest);
    if (value === undefined) return [];
    const uses = entry.all(useAttribute).filter((use) => use.startsWith(`${digest} `));
    const expiresAt = readTime(expires);
    const common = { id: digest.slice(0, idLength), label, createdAt: readTime(created), expiresAt, value, note, uses };
    const usedAt = readTime(uses.at(-1)?.slice(digest.length + 1) ?? '');
    return { ...common, usedAt, expired: expiresAt !== undefined && expiresAt <= now };
  });
  return found.sort((left, right) => (left.createdAt?.getTime() ?? 0) - (right.createdAt?.getTime() ?? 0));
}

/** Notes whose values are gone. */
export function staleNotes(entry: MailEntry): readonly EntryChange[] {
  const digests = new Set(entry.all('userPassword').map(digestOf));
  return [noteAttribute, useAttribute].flatMap((type) => {
    const stale = entry.all(type).filter((text) => !digests.has(text.slice(0, 64)));
    return stale.length === 0 ? [] : [['delete', type, stale] as const];
  });
}

/** A note for a value of userPassword. */
export function makeNote(value: string, label: string, expiresAt: Date | undefined, now = new Date()): string {
  return `${digestOf(value)} ${timeText(now)} ${expiresAt === undefined ? '-' : timeText(expiresAt)} ${label}`;
}

export function idOf(value: string): string {
  return digestOf(value).slice(0, idLength);
}

/** The passwords that are not app passwords: those their owner chose. */
export function mainPasswordsOf(entry: MailEntry | undefined): readonly string[] {
  const noted = new Set(appPasswordsOf(entry).map(({ value }) => value));
  return (entry?.all('userPassword') ?? []).filter((value) => !noted.has(value));
}

export async function readPasswords(directory: DirectoryConnection, dn: string): Promise<MailEntry | undefined> {
  return directory.read(dn, passwordAttributes);
}

/**
 * {SSHA}, which every LDAP server verifies. It is a fast hash: enough for what is generated from more than 100 random bits, and for
 * nothing that a person chose.
 */
export function hashGenerated(password: string): string {
  return sshaOf(password, randomBytes(saltBytes));
}

function sshaOf(password: string, salt: Buffer): string {
  const digest = createHash('sha1').update(password, 'utf8').update(salt).digest();
  return `{SSHA}${Buffer.concat([digest, salt]).toString('base64')}`;
}

/** Is what was offered one of the app passwords? */
export function isAppPassword(entry: MailEntry | undefined, offered: string): boolean {
  return appPasswordsOf(entry).some(({ value }) => matches(value, offered));
}

function matches(value: string, offered: string): boolean {
  const bytes = Buffer.from(/^\{SSHA\}(.*)$/i.exec(value)?.[1] ?? '', 'base64');
  const [stored, made] = [Buffer.from(value), Buffer.from(sshaOf(offered, bytes.subarray(20)))];
  return bytes.length > 20 && stored.length === made.length && timingSafeEqual(stored, made);
}

function digestOf(value: string): string {
  return createHash('sha256').update(value, 'utf8').digest('hex');
}

/** GeneralizedTime in UTC, whole seconds. */
export function timeText(at: Date): string {
  return `${at.toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`;
}

export function readTime(text: string): Date | undefined {
  const [, year, month, day, hours, minutes, seconds] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? [];
  const at = new Date(`${year}-${month}-${day}T${hours}:${minutes}:${seconds}Z`);
  return Number.isNaN(at.getTime()) ? undefined : at;
}
