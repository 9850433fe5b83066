/**
 * One server under test, slapd or jammd, started from the same configuration text and LDIF: the tests that prove
 * jammd's behaviour hold on slapd itself, and this is what lets them run on both.
 */
import { existsSync } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { requirePrograms } from './programs.js';
import { accepts, freePort, makeFolder, removeFolder } from './place.js';
import { Daemon, runOrFail } from './process.js';
import { slapdPrograms, slapdVersion, type SlapdVersion } from './slapd-programs.js';

export type ServerKind = 'slapd' | 'jammd';

export interface ServerOptions {
  /**
   * slapd.conf text. `@DIRECTORY@` becomes the private database folder, `@FOLDER@` the server's private folder
   * and `@JAMM_SCHEMA@` and `@JAMMD_SCHEMA@` the paths of the project's schema files. Folders that `directory` lines name are made.
   */
  readonly config: string;
  /** What the database holds before the server starts; a list loads several databases by their suffix. */
  readonly ldif?: string | readonly { readonly base: string; readonly ldif: string }[];
  readonly port?: number;
  /** Files that are to be in the server's private folder before it starts, by name. */
  readonly files?: Readonly<Record<string, string>>;
  /** Listeners besides ldap:// on the port; `@FOLDER@` is replaced. */
  readonly urls?: readonly string[];
  /** Further arguments of `jammd serve`. */
  readonly jammdArgs?: readonly string[];
  /** slapd's -d: what it logs to standard error; nothing by default. */
  readonly slapdDebug?: number;
  /** Which slapd; the machine's own, unless the environment says otherwise. */
  readonly slapd?: SlapdVersion;
}

export interface ReferenceServer {
  readonly kind: ServerKind;
  readonly port: number;
  /** ldap://127.0.0.1:PORT */
  readonly url: string;
  readonly folder: string;
  readonly configFile: string;
  readonly pid: number;
  /** What it has written to standard output and error since it was last started. */
  log(): string;
  /** Ends the process as an operator would (or as `signal` says) and leaves its data. */
  halt(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same data and port. */
  resume(): Promise<void>;
  /** Ends the process and removes its folder. */
  stop(): Promise<void>;
}

const root = resolve(import.meta.dirname, '../..');
const jammdProgram = join(root, 'bin/jammd');
export const jammSchema = join(root, 'schema/jamm.schema');
export const jammdSchema = join(root, 'schema/jammd.schema');

/**
 * The servers a test runs on: both where slapd is installed, else jammd alone. JAMM_TEST_SERVERS=slapd (or jammd)
 * narrows it while tests are being written.
 */
export const serverKinds: readonly ServerKind[] = (['slapd', 'jammd'] as const).filter((kind) => {
  const wanted = process.env['JAMM_TEST_SERVERS'];
  if (wanted !== undefined && !wanted.split(',').includes(kind)) return false;
  return kind === 'jammd' || slapdVersion === '2.6' || requirePrograms('slapd') === undefined;
});

export function startServer(kind: ServerKind, options: ServerOptions): Promise<ReferenceServer> {
  return kind === 'slapd' ? startSlapd(options) : startJammd(options);
}

/** Debian's slapd with back-mdb, its map made large enough: back-mdb's default holds 10 MB. */
export async function startSlapd(options: ServerOptions): Promise<ReferenceServer> {
  const config = options.config.replace(/^database\s+mdb\s*$/gm, 'database mdb\nmaxsize 1073741824');
  const programs = await slapdPrograms(options.slapd);
  const [slapadd, ...slapaddArgs] = programs.command('slapadd');
  const [slapd, ...slapdArgs] = programs.command('slapd');
  return start(
    'slapd',
    { ...options, config },
    {
      load: (configFile, ldifFile, base) =>
        runOrFail(slapadd, [...slapaddArgs, '-f', configFile, '-l', ldifFile, ...(base === undefined ? [] : ['-b', base])]),
      serve: (configFile, urls) =>
        Daemon.start(slapd, [...slapdArgs, '-f', configFile, '-h', urls.join(' '), '-d', String(options.slapdDebug ?? 0)]),
      ready: (_daemon, port) => accepts(port),
    },
  );
}

/** The built jammd: `npm run build` comes first. */
export async function startJammd(options: ServerOptions): Promise<ReferenceServer> {
  if (!existsSync(join(root, 'dist/program/main.js'))) throw new Error('jammd is not built: run `npm run build` first');
  return start('jammd', options, {
    load: (configFile, ldifFile, base) =>
      runOrFail(process.execPath, [
        ...[jammdProgram, 'import', '-f', configFile, '-l', ldifFile],
        ...(base === undefined ? [] : ['-b', base]),
      ]),
    serve: (configFile, urls) =>
      Daemon.start(process.execPath, [
        ...[jammdProgram, 'serve', '-f', configFile, '-h', urls.join(' ')],
        ...(options.jammdArgs ?? []),
      ]),
    ready: (daemon, _port, listeners) => daemon.output.split('listening on ').length > listeners,
  });
}

interface Program {
  load(configFile: string, ldifFile: string, base: string | undefined): Promise<unknown>;
  serve(configFile: string, urls: readonly string[]): Daemon;
  ready(daemon: Daemon, port: number, listeners: number): boolean | Promise<boolean>;
}

async function start(kind: ServerKind, options: ServerOptions, program: Program): Promise<ReferenceServer> {
  const folder = await makeFolder(kind);
  try {
    const port = options.port ?? (await freePort());
    for (const [name, text] of Object.entries(options.files ?? {})) await writeFile(join(folder, name), text);
    const configFile = await writeConfig(folder, options.config);
    await loadAll(folder, configFile, options.ldif, program);
    const urls = [`ldap://127.0.0.1:${port}/`, ...(options.urls ?? []).map((url) => url.replaceAll('@FOLDER@', folder))];
    const server = new RunningServer(kind, port, folder, configFile, urls, program);
    await server.resume();
    return server;
  } catch (error) {
    await removeFolder(folder);
    throw error;
  }
}

async function writeConfig(folder: string, template: string): Promise<string> {
  // Copies: a slapd in a chroot sees this folder and nothing of the project's.
  const [schema, ownSchema] = [join(folder, 'jamm.schema'), join(folder, 'jammd.schema')];
  await copyFile(jammSchema, schema);
  await copyFile(jammdSchema, ownSchema);
  const config = template
    .replaceAll('@DIRECTORY@', join(folder, 'data'))
    .replaceAll('@FOLDER@', folder)
    .replaceAll('@JAMM_SCHEMA@', schema)
    .replaceAll('@JAMMD_SCHEMA@', ownSchema);
  for (const [, directory] of config.matchAll(/^directory\s+"?([^"\s]+)"?\s*$/gm)) {
    if (directory !== undefined) await mkdir(directory, { recursive: true });
  }
  const configFile = join(folder, 'slapd.conf');
  await writeFile(configFile, `pidfile ${folder}/slapd.pid\nargsfile ${folder}/slapd.args\n${config}`);
  return configFile;
}

async function loadAll(folder: string, configFile: string, ldif: ServerOptions['ldif'], program: Program): Promise<void> {
  if (ldif === undefined) return;
  const parts = typeof ldif === 'string' ? [{ base: undefined, ldif }] : ldif;
  for (const [index, part] of parts.entries()) {
    const file = join(folder, `load-${index}.ldif`);
    await writeFile(file, part.ldif);
    await program.load(configFile, file, part.base);
  }
}

class RunningServer implements ReferenceServer {
  readonly kind: ServerKind;
  readonly port: number;
  readonly url: string;
  readonly folder: string;
  readonly configFile: string;
  readonly #urls: readonly string[];
  readonly #program: Program;
  #daemon: Daemon | undefined;

  constructor(kind: ServerKind, port: number, folder: string, configFile: string, urls: readonly string[], program: Program) {
    this.kind = kind;
    this.port = port;
    this.url = `ldap://127.0.0.1:${port}`;
    this.folder = folder;
    this.configFile = configFile;
    this.#urls = urls;
    this.#program = program;
  }

  get pid(): number {
    return this.#daemon?.pid ?? -1;
  }

  log(): string {
    return this.#daemon?.output ?? '';
  }

  async resume(): Promise<void> {
    const daemon = this.#program.serve(this.configFile, this.#urls);
    this.#daemon = daemon;
    try {
      await daemon.waitUntil(() => this.#program.ready(daemon, this.port, this.#urls.length));
    } catch (error) {
      await daemon.stop('SIGKILL');
      throw error;
    }
  }

  async halt(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.#daemon?.stop(signal);
  }

  async stop(): Promise<void> {
    await this.halt();
    await removeFolder(this.folder);
  }
}
