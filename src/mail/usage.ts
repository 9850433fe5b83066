/**
 * How full a mailbox is, where that can be found out on this machine: from the file that Courier and Dovecot 2.3 keep in a Maildir
 * with a quota, or from Dovecot itself. Paths come from entries that their owners may write, so only the mail home is looked into.
 */
import { execFile } from 'node:child_process';
import { open, realpath } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { promisify } from 'node:util';
import type { MailSettings } from './context.js';
import type { Account } from './entries.js';

const runFile = promisify(execFile);
const doveadmMs = 5_000;
/** Both programs begin the file anew at 5 KiB. */
const maildirsizeBytesMax = 64 * 1024;

export interface Usage {
  readonly bytes: number;
  readonly messages: number;
}

/** Undefined where it cannot be found out. */
export function mailUsage(settings: MailSettings, account: Account): Promise<Usage | undefined> {
  return settings.doveadm === undefined
    ? fromMaildirsize(settings, account)
    : usageFromDoveadm(settings.doveadm, account.address);
}

async function fromMaildirsize({ mailHome }: MailSettings, { homeDirectory, mailbox }: Account): Promise<Usage | undefined> {
  if (!homeDirectory.startsWith('/')) return undefined;
  try {
    const home = await realpath(mailHome);
    const file = await realpath(join(resolve(homeDirectory, mailbox), 'maildirsize'));
    if (!file.startsWith(home + sep)) return undefined;
    const handle = await open(file, 'r');
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(maildirsizeBytesMax), 0, maildirsizeBytesMax, 0);
      return parseMaildirsize(buffer.toString('latin1', 0, bytesRead));
    } finally {
      await handle.close();
    }
  } catch {
    // Not there, or not for us to read.
    return undefined;
  }
}

/** The quota in the first line, then what came and went: bytes and messages. Undefined for a text of another form. */
export function parseMaildirsize(text: string): Usage | undefined {
  const [quota = '', ...changes] = text.split('\n').filter((line) => line.trim() !== '');
  if (!/^\s*\d+[SC](?:,\d+[SC])*\s*$/.test(quota)) return undefined;
  let [bytes, messages] = [0, 0];
  for (const change of changes) {
    const [, size, count] = /^\s*(-?\d{1,15})\s+(-?\d{1,9})\s*$/.exec(change) ?? [];
    if (size === undefined || count === undefined) return undefined;
    bytes += Number(size);
    messages += Number(count);
  }
  return { bytes: Math.max(0, bytes), messages: Math.max(0, messages) };
}

/** Asks Dovecot, by its own program. */
export async function usageFromDoveadm(program: string, address: string): Promise<Usage | undefined> {
  try {
    const { stdout } = await runFile(program, ['-f', 'tab', 'quota', 'get', '-u', address], { timeout: doveadmMs });
    return parseDoveadm(stdout, address);
  } catch {
    return undefined;
  }
}

/** Rows of name, kind, value, limit and percentage, which a user's name precedes where several match. */
export function parseDoveadm(text: string, address: string): Usage | undefined {
  const [head = '', ...rows] = text.split('\n').map((line) => line.split('\t'));
  const columns = [...head].map((name) => name.toLowerCase());
  const [user, kind, value] = ['username', 'type', 'value'].map((name) => columns.indexOf(name)) as [number, number, number];
  const amount = (wanted: string): number | undefined => {
    const row = rows.find(
      (cells) => cells[kind] === wanted && (user < 0 || cells[user]?.toLowerCase() === address.toLowerCase()),
    );
    return row !== undefined && /^\d{1,15}$/.test(row[value] ?? '') ? Number(row[value]) : undefined;
  };
  const [kibibytes, messages] = [amount('STORAGE'), amount('MESSAGE')];
  return kibibytes === undefined ? undefined : { bytes: kibibytes * 1024, messages: messages ?? 0 };
}
