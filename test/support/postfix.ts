/**
 * Asks Postfix's own LDAP client, through `postmap -q` with a private configuration folder: each of the HOWTO's
 * sources in main.cf's legacy parameter style and as a file of its own.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LdapSource } from './howto.js';
import { makeFolder, removeFolder } from './place.js';
import { run } from './process.js';

export const mapStyles = ['main.cf', 'file'] as const;
/** `main.cf`: `ldap:transport` with transport_* parameters; `file`: `ldap:/.../transport.cf`. */
export type MapStyle = (typeof mapStyles)[number];

/** A hit is the answer postmap printed; a miss is undefined; a failure is told apart from both. */
export type Lookup =
  | { readonly kind: 'hit'; readonly answer: string }
  | { readonly kind: 'miss' }
  | { readonly kind: 'error'; readonly message: string };

export class PostfixMaps {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Writes the configuration of these sources, in both styles, for the server at `port`. */
  static async create(port: number, sources: Readonly<Record<string, LdapSource>>): Promise<PostfixMaps> {
    const folder = await makeFolder('postfix');
    await mkdir(join(folder, 'queue'));
    const common = ['compatibility_level = 3.7', `queue_directory = ${folder}/queue`, 'maillog_file = /dev/stdout'];
    const legacy = Object.entries(sources).flatMap(([name, source]) => lines(port, source).map((line) => `${name}_${line}`));
    await writeFile(join(folder, 'main.cf'), [...common, ...legacy, ''].join('\n'));
    await writeFile(join(folder, 'master.cf'), '');
    for (const [name, source] of Object.entries(sources)) {
      await writeFile(join(folder, `${name}.cf`), [...lines(port, source), ''].join('\n'));
    }
    return new PostfixMaps(folder);
  }

  async query(style: MapStyle, source: string, key: string): Promise<Lookup> {
    const { code, stdout, stderr } = await run('postmap', ['-c', this.#folder, '-q', key, this.#map(style, source)]);
    return interpret(code, stdout, stderr);
  }

  /** Many keys through one postmap and so over one connection: `postmap -q -` prints `key<TAB>answer` for the hits. */
  async queryAll(style: MapStyle, source: string, keys: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const input = `${keys.join('\n')}\n`;
    const { stdout, stderr } = await run('postmap', ['-c', this.#folder, '-q', '-', this.#map(style, source)], { input });
    const trouble = troubleIn(stderr);
    if (trouble.length > 0) throw new Error(`postmap: ${trouble.join('\n')}`);
    const hits = stdout.split('\n').filter((line) => line.includes('\t'));
    return new Map(hits.map((line) => [line.slice(0, line.indexOf('\t')), line.slice(line.indexOf('\t') + 1)]));
  }

  remove(): Promise<void> {
    return removeFolder(this.#folder);
  }

  #map(style: MapStyle, source: string): string {
    return style === 'main.cf' ? `ldap:${source}` : `ldap:${join(this.#folder, `${source}.cf`)}`;
  }
}

function lines(port: number, source: LdapSource): string[] {
  const place = { server_host: '127.0.0.1', server_port: String(port) };
  return Object.entries({ ...place, ...source }).map(([name, value]) => `${name} = ${value}`);
}

/** postmap exits 1 for a miss without a word, and for trouble with one. */
function interpret(code: number, stdout: string, stderr: string): Lookup {
  const trouble = troubleIn(stderr);
  if (code === 0) return { kind: 'hit', answer: stdout.replace(/\n$/, '') };
  if (trouble.length > 0) return { kind: 'error', message: trouble.join('\n') };
  return { kind: 'miss' };
}

/** The HOWTO's `*_cache` is a parameter of old; that Postfix says so is no trouble. */
function troubleIn(stderr: string): string[] {
  return stderr.split('\n').filter((line) => /error|fatal|warning|unavailable/.test(line) && !line.includes('ignoring cache'));
}
