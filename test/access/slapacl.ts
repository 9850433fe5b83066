/** slapd's own word on access rules: slapacl(8) over a private database that holds the tests' tree. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { makeFolder, removeFolder } from '../support/place.js';
import { run, runOrFail } from '../support/process.js';
import { findProgram } from '../support/programs.js';
import { ldif, suffix } from './tree.js';

/** One line of slapacl's answer: `cn=Ada: read(=rscxd)`. Privileges in letters, `w` as `az`. */
export interface SlapaclLine {
  readonly target: string;
  readonly value: string | undefined;
  readonly privileges: string;
}

const jammSchema = resolve(import.meta.dirname, '../../schema/jamm.schema');

export class Slapacl {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async prepare(): Promise<Slapacl> {
    const folder = await makeFolder('slapacl');
    const slapacl = new Slapacl(folder);
    await mkdir(join(folder, 'data'));
    await writeFile(join(folder, 'tree.ldif'), ldif);
    const config = await slapacl.#write('access to * by * read');
    await runOrFail(findProgram('slapadd')!, ['-f', config, '-l', join(folder, 'tree.ldif')]);
    return slapacl;
  }

  async remove(): Promise<void> {
    await removeFolder(this.#folder);
  }

  async #write(rules: string): Promise<string> {
    const file = join(this.#folder, 'slapd.conf');
    const schemas = ['core', 'cosine', 'nis', 'inetorgperson'].map((name) => `include /etc/ldap/schema/${name}.schema`);
    await writeFile(
      file,
      [
        ...schemas,
        `include ${jammSchema}`,
        'modulepath /usr/lib/ldap',
        'moduleload back_mdb',
        'database mdb',
        `suffix ${suffix}`,
        `directory ${join(this.#folder, 'data')}`,
        rules,
        '',
      ].join('\n'),
    );
    return file;
  }

  /** What slapd allows on the entry, its children and each of its values; undefined where it refuses the rules. */
  async ask(
    rules: string,
    entry: string,
    subject: string | undefined,
    connection: Readonly<Record<string, string>> = {},
  ): Promise<SlapaclLine[] | undefined> {
    const file = await this.#write(rules);
    const options = Object.entries(connection).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
    const who = subject === undefined ? [] : ['-D', subject];
    const { code, stdout, stderr } = await run(findProgram('slapacl')!, ['-f', file, '-b', entry, ...who, ...options]);
    if (code !== 0) {
      if (/bad configuration/.test(stderr)) return undefined;
      throw new Error(`slapacl failed: ${stderr}`);
    }
    return `${stdout}\n${stderr}`.split('\n').flatMap(readLine);
  }
}

function readLine(line: string): SlapaclLine[] {
  const found = /^([A-Za-z]+)(?:=(.*))?: (?:[a-z]+\()?=([a-z0]*)\)?$/.exec(line);
  if (!found) return [];
  return [{ target: found[1]!, value: found[2], privileges: found[3]!.replace('w', 'az').replace('0', '') }];
}
