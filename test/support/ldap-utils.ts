/** Runs OpenLDAP's command line tools against a server under test and reads what they print. */
import { run, type Finished } from './process.js';

export interface Identity {
  readonly dn: string;
  readonly password: string;
}

export interface PrintedEntry {
  readonly dn: string;
  /** Attribute names as printed; values as text, base64 decoded. */
  readonly attributes: ReadonlyMap<string, readonly string[]>;
}

// No ~/.ldaprc and no /etc/ldap/ldap.conf: the tests say everything themselves.
const quietEnvironment = { ...process.env, LDAPNOINIT: '1' };

/** `tool -x -H url [-D dn -w password] ...args` */
export function ldapTool(
  tool: string,
  server: { readonly url: string },
  identity: Identity | undefined,
  args: readonly string[],
  input = '',
): Promise<Finished> {
  const as = identity === undefined ? [] : ['-D', identity.dn, '-w', identity.password];
  return run(tool, ['-x', '-H', server.url, ...as, ...args], { input, env: quietEnvironment });
}

/** `ldapsearch -LLL`, its entries read back; fails on any code but `allowed`. */
export async function ldapSearch(
  server: { readonly url: string },
  identity: Identity | undefined,
  args: readonly string[],
  allowed: readonly number[] = [0],
): Promise<PrintedEntry[]> {
  const finished = await ldapTool('ldapsearch', server, identity, ['-LLL', '-o', 'ldif-wrap=no', ...args]);
  if (!allowed.includes(finished.code)) {
    throw new Error(`ldapsearch ${args.join(' ')} exited ${finished.code}: ${finished.stderr}`);
  }
  return readEntries(finished.stdout);
}

/** Reads LDIF content records as the tools print them. */
export function readEntries(ldif: string): PrintedEntry[] {
  const unfolded = ldif.replace(/\r?\n /g, '').replace(/^#.*$/gm, '');
  return unfolded
    .split(/\n\s*\n/)
    .map((record) => record.split('\n').filter((line) => line.trim() !== ''))
    .filter((lines) => lines[0]?.startsWith('dn:') === true)
    .map(readRecord);
}

function readRecord(lines: readonly string[]): PrintedEntry {
  const [first, ...rest] = lines.map(readLine);
  const attributes = new Map<string, string[]>();
  for (const { type, value } of rest) attributes.set(type, [...(attributes.get(type) ?? []), value]);
  return { dn: first?.value ?? '', attributes };
}

function readLine(line: string): { type: string; value: string } {
  const match = /^([^:]+):(:?)\s?(.*)$/.exec(line);
  if (match === null) throw new Error(`not an LDIF line: ${line}`);
  const [, type = '', encoded, value = ''] = match;
  return { type, value: encoded === ':' ? Buffer.from(value, 'base64').toString('utf8') : value };
}
