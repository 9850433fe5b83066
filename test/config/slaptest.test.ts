/** What slapd accepts and refuses (slaptest -u) is accepted and refused here, but for a table of differences. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatDiagnostic, loadConfig } from '../../src/config/parse.js';
import { makeFolder, removeFolder } from '../support/place.js';
import { run } from '../support/process.js';
import { findProgram, requirePrograms } from '../support/programs.js';
import { before, inDatabase, judgedOtherwise, withOverlays } from './slaptest-lines.js';

const jammSchema = resolve(import.meta.dirname, '../../schema/jamm.schema');
const stock = ['core', 'cosine', 'nis', 'inetorgperson'];

interface Verdicts {
  readonly slapd: boolean;
  readonly jammd: boolean;
  /** What each says. */
  readonly told: readonly string[];
  readonly said: string;
}

const others = [
  ...['collective', 'corba', 'dsee', 'duaconf', 'dyngroup', 'java'],
  ...['misc', 'msuser', 'namedobject', 'openldap', 'pmi'],
];

let files = 0;

const missing = requirePrograms('slaptest');

describe.skipIf(missing !== undefined)('as slaptest says', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await makeFolder('slaptest');
    await mkdir(join(folder, 'data'));
    await mkdir(join(folder, 'other'));
    await writeFile(join(folder, 'more.conf'), 'sizelimit 7\n');
  });

  afterAll(async () => {
    await removeFolder(folder);
  });

  async function verdicts(first: string, last: string): Promise<Verdicts> {
    // The lines are judged several at a time.
    const file = join(folder, `slapd-${++files}.conf`);
    const text = [
      ...stock.map((name) => `include /etc/ldap/schema/${name}.schema`),
      `include ${jammSchema}`,
      'modulepath /usr/lib/ldap',
      'moduleload back_mdb',
      'moduleload back_monitor',
      first,
      'database mdb',
      'suffix dc=x',
      `directory ${folder}/data`,
      last,
      '',
    ].join('\n');
    await writeFile(file, text.replaceAll('@FOLDER@', folder));
    const { code, stderr } = await run(findProgram('slaptest')!, ['-u', '-f', file]);
    const { config, diagnostics } = loadConfig(file);
    return { slapd: code === 0, jammd: config !== undefined, told: diagnostics.map(formatDiagnostic), said: stderr };
  }

  it.concurrent.each(inDatabase)('in a database: %s', async (lines) => {
    const { slapd, jammd, told, said } = await verdicts('', lines);
    expect(jammd, [...told, said].join('\n')).toBe(slapd);
  });

  const modules = ['constraint', 'deref', 'dynlist', 'memberof', 'refint', 'sssvlv', 'syncprov', 'unique', 'valsort']
    .map((name) => `moduleload ${name}\n`)
    .concat('include /etc/ldap/schema/dyngroup.schema')
    .join('');

  it.concurrent.each(withOverlays)('with overlays: %s', async (lines) => {
    const { slapd, jammd, told, said } = await verdicts(modules, lines);
    expect(jammd, [...told, said].join('\n')).toBe(slapd);
  });

  it.concurrent.each(before)('before any database: %s', async (lines) => {
    const { slapd, jammd, told, said } = await verdicts(lines, '');
    expect(jammd, [...told, said].join('\n')).toBe(slapd);
  });

  it.concurrent.each(judgedOtherwise)('otherwise: $line ($because)', async ({ line, where, by }) => {
    const { slapd, jammd, told, said } = await (where === 'before' ? verdicts(line, '') : verdicts('', line));
    expect({ slapd, jammd }, [...told, said].join('\n')).toEqual({ slapd: by === 'slapd', jammd: by === 'jammd' });
  });

  it.each(others)("Debian's %s.schema", async (name) => {
    const { slapd, jammd, told } = await verdicts(`include /etc/ldap/schema/${name}.schema`, '');
    expect([slapd, jammd], told.join('\n')).toEqual([true, true]);
  });
});
