/**
 * Which programs this machine has. Suites that need others' programs (slapd, Postfix, Courier) say so here: where one
 * is missing they are skipped and the run's end names it, and with JAMMD_REQUIRE_ALL=1 they fail instead, so that a
 * skipped suite cannot pass for a tested one.
 */
import { accessSync, appendFileSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** System programs are often not on an ordinary user's PATH. */
const systemFolders = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/lib/postfix/sbin', '/usr/lib/courier/courier-authlib'];

/** The program's full path, or undefined. A name with a slash is taken as a path. */
export function findProgram(name: string): string | undefined {
  const candidates = name.includes('/')
    ? [name]
    : [...(process.env['PATH'] ?? '').split(delimiter).filter(Boolean), ...systemFolders].map((folder) => join(folder, name));
  return candidates.find(isExecutableFile);
}

export function hasProgram(name: string): boolean {
  return findProgram(name) !== undefined;
}

/**
 * For `describe.skipIf(requirePrograms('slapd', 'ldapsearch'))`: undefined where all are there, else the reason to
 * skip. Throws instead where JAMMD_REQUIRE_ALL is set. The reason also goes to the file that JAMMD_SKIPPED_FILE names,
 * from which `npm test` tells at its end what was left out.
 */
export function requirePrograms(...names: readonly string[]): string | undefined {
  const missing = names.filter((name) => !hasProgram(name));
  if (missing.length === 0) return undefined;
  const reason = `this machine lacks ${missing.join(', ')}`;
  if (requireAll()) throw new Error(`${reason}, and JAMMD_REQUIRE_ALL is set`);
  const file = process.env['JAMMD_SKIPPED_FILE'];
  if (file) appendFileSync(file, `${missing.join(' ')}\n`);
  return reason;
}

function requireAll(): boolean {
  const value = process.env['JAMMD_REQUIRE_ALL'];
  return value !== undefined && value !== '' && value !== '0';
}

function isExecutableFile(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
