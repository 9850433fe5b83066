/**
 * `jammd init`: creates a directory that is ready to be served: a private folder with a slapd.conf and the base tree.
 * `npm start` creates its own the same way.
 */
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, Option } from 'commander';
import { defaultConfigText } from '../config/default.js';
import type { Config } from '../config/model.js';
import { formatDiagnostic, parseConfig } from '../config/parse.js';
import { DN } from '../dn/dn.js';
import { importLdif } from '../directory/transfer/import.js';
import { formatEntry } from '../ldif/writer.js';
import type { PartialAttribute } from '../ldap/request.js';
import { defaultScheme, generatePassword, hashPassword, isKnownScheme, schemeNames } from '../password/password.js';
import { defaultSchema } from '../schema/default.js';
import { chooseDatabase, openStore } from './configuration.js';
import { CommandFailure, reasonOf } from './failure.js';
import { describeFailure } from './ldif-input.js';
import { ask, askNewSecret, isTerminal } from './terminal.js';

const howtoSuffix = 'dc=myhosting,dc=example';
const howtoBase = fileURLToPath(new URL('../../data/base.ldif', import.meta.url));
const configFileName = 'slapd.conf';
const dataFolderName = 'data';
/** There while the folder is being made; holds the process that does it. */
const markerName = 'init-unfinished';

export interface InitializeOptions {
  /** Made, private to its owner, where it does not exist; else it must be empty. */
  readonly folder: string;
  /** A DN. */
  readonly suffix: string;
  /** The Manager's; one is generated where it is undefined. */
  readonly password?: string | Buffer | undefined;
  /** What the Manager's password is kept as. */
  readonly scheme?: string;
  /** LDIF files to load, in this order; without any, the base tree of the HOWTO for this suffix. */
  readonly ldif?: readonly string[];
  /** Told when an earlier one was cut off, and what it left is made anew. */
  readonly onResume?: () => void;
}

export interface Initialized {
  readonly configFile: string;
  readonly managerDN: string;
  /** In clear text: the only time it is to be had. */
  readonly password: string;
}

/** Is there a directory that `initialize` has finished? */
export function isInitialized(folder: string): boolean {
  return existsSync(join(folder, configFileName)) && !existsSync(join(folder, markerName));
}

/** Rejects with CommandFailure where the folder has other things in it, or the LDIF cannot be loaded. */
export async function initialize(options: InitializeOptions): Promise<Initialized> {
  const folder = resolve(options.folder);
  const suffix = parseSuffix(options.suffix);
  const ldif = await ldifSources(options.ldif, suffix);
  const password = options.password === undefined ? generatePassword() : Buffer.from(options.password);
  if (password.length === 0) throw new CommandFailure('the password is empty');
  const rootPassword = (await hashPassword(options.scheme ?? defaultScheme, password)).toString('latin1');
  await claimFolder(folder, options.onResume);
  const configFile = join(folder, configFileName);
  const text = configText(suffix, join(folder, dataFolderName), rootPassword);
  const config = parse(text, configFile, folder);
  await loadTree(config, ldif);
  // The configuration comes last: with it the folder is a directory.
  await writeFile(configFile, text, { mode: 0o600, flag: 'wx' });
  await rm(join(folder, markerName));
  return { configFile, managerDN: `cn=Manager,${suffix.toString()}`, password: password.toString() };
}

/** Throws CommandFailure. */
function parseSuffix(text: string): DN {
  try {
    const suffix = DN.parse(text, defaultSchema());
    if (!suffix.isEmpty) return suffix;
  } catch (error) {
    throw new CommandFailure(`suffix "${text}": ${reasonOf(error)}`);
  }
  throw new CommandFailure('the suffix is empty');
}

/** Makes the folder ours, empty. Rejects with CommandFailure where it is something else's. */
async function claimFolder(folder: string, onResume: (() => void) | undefined): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const marker = join(folder, markerName);
  const found = await readdir(folder);
  if (found.length === 0) {
    await chmod(folder, 0o700);
    await writeFile(marker, `${process.pid}\n`, { mode: 0o600, flag: 'wx' });
    return;
  }
  if (found.includes(configFileName) && !found.includes(markerName)) {
    throw new CommandFailure(`${folder} already contains a directory (${configFileName}); nothing was changed`);
  }
  const others = found.filter((name) => ![markerName, configFileName, dataFolderName].includes(name));
  if (!found.includes(markerName) || others.length > 0) {
    throw new CommandFailure(`${folder} is not empty (${(others.length > 0 ? others : found).join(', ')}); nothing was changed`);
  }
  const pid = Number.parseInt(await readFile(marker, 'latin1'), 10);
  if (pid !== process.pid && isRunning(pid)) throw new CommandFailure(`process ${pid} is creating ${folder} right now`);
  onResume?.();
  await writeFile(marker, `${process.pid}\n`, { mode: 0o600 });
  // Nobody has ever been served from it: all of it is what the one that was cut off has made.
  await rm(join(folder, configFileName), { force: true });
  await rm(join(folder, dataFolderName), { recursive: true, force: true });
}

function isRunning(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function configText(suffix: DN, directory: string, rootPassword: string): string {
  const text = defaultConfigText({ suffix: suffix.toString(), directory, rootPassword });
  const body = text.slice(text.indexOf('\n\n') + 2);
  const head = [
    `# Configuration of the directory ${suffix.toString()}, written by "jammd init". Edit it freely, and check it with`,
    `# "jammd check -f" before you restart the server.`,
  ];
  return `${head.join('\n')}\n\n${body}`;
}

function parse(text: string, file: string, cwd: string): Config {
  const { config, diagnostics } = parseConfig({ file, text, cwd });
  if (!config) throw new CommandFailure(diagnostics.map(formatDiagnostic).join('\n'));
  return config;
}

type Chunks = AsyncIterable<Buffer | string> | Iterable<string>;

interface LdifSource {
  readonly name: string;
  open(): Chunks;
}

/** Looked at before anything is made, so that a wrong name leaves nothing behind. */
async function ldifSources(files: readonly string[] | undefined, suffix: DN): Promise<LdifSource[]> {
  if (!files || files.length === 0) {
    const text = baseTree(suffix);
    return [{ name: 'the base tree', open: () => [text] }];
  }
  for (const file of files) await readFile(file);
  return files.map((file) => ({ name: file, open: (): Chunks => createReadStream(file) as AsyncIterable<Buffer> }));
}

async function loadTree(config: Config, sources: readonly LdifSource[]): Promise<void> {
  const database = chooseDatabase(config, {});
  const store = await openStore(config, database);
  try {
    for (const source of sources) {
      const failures: string[] = [];
      await importLdif(
        source.open(),
        { config, database, store },
        {
          onFailure: (failure) => failures.push(describeFailure(failure)),
        },
      );
      if (failures.length > 0) throw new CommandFailure(`${source.name}: ${failures.join('; ')}`);
    }
  } finally {
    await store.close();
  }
}

/** The HOWTO's three entries (section 4.3.2.1), for this suffix. */
function baseTree(suffix: DN): string {
  if (suffix.normalized === howtoSuffix) return readFileSync(howtoBase, 'utf8');
  const name = suffix.toString();
  const entry = (dn: string, objectClass: string, type: string, value: Buffer): string =>
    formatEntry(dn, [attribute('objectClass', 'top', objectClass), { type, values: [value] }]);
  const [objectClass, type, value] = suffixEntry(suffix);
  return (
    entry(name, objectClass, type, value) +
    entry(`cn=Manager,${name}`, 'organizationalRole', 'cn', Buffer.from('Manager')) +
    entry(`o=hosting,${name}`, 'organization', 'o', Buffer.from('hosting'))
  );
}

function attribute(type: string, ...values: string[]): PartialAttribute {
  return { type, values: values.map((value) => Buffer.from(value)) };
}

const suffixClasses: Readonly<Record<string, string>> = {
  dc: 'domain',
  o: 'organization',
  ou: 'organizationalUnit',
  c: 'country',
  l: 'locality',
};

/** Object class, naming attribute and its value. Throws CommandFailure. */
function suffixEntry(suffix: DN): [objectClass: string, type: string, value: Buffer] {
  const avas = suffix.rdns[0]?.avas ?? [];
  const [ava] = avas;
  const objectClass = ava && avas.length === 1 ? suffixClasses[ava.type.name] : undefined;
  if (!ava || objectClass === undefined) {
    throw new CommandFailure(
      `${suffix.toString()}: the base tree needs a suffix that begins with ${Object.keys(suffixClasses).join(', ')}; ` +
        'load other trees with --load',
    );
  }
  return [objectClass, ava.type.name, ava.value];
}

interface InitCommandOptions {
  readonly suffix?: string;
  readonly password?: string;
  readonly passwordFile?: string;
  readonly generate?: true;
  readonly hash?: string;
  readonly load?: string[];
}

export function initCommand(): Command {
  return new Command('init')
    .summary('create a directory: configuration and base tree')
    .description(
      'Creates a folder that only its owner can read, with a slapd.conf and a database that holds the base tree: the suffix, ' +
        "cn=Manager and o=hosting. Asks for the suffix and the Manager's password if you do not give them. It never overwrites " +
        'anything; if it was interrupted, run it again to finish.',
    )
    .argument('[folder]', 'the folder to create', 'var')
    .option('-b, --suffix <dn>', `the name at the top of the tree (asked for; without a terminal: ${howtoSuffix})`)
    .addOption(
      new Option('-w, --password <password>', "the Manager's password (others on this machine can see it)").conflicts([
        'passwordFile',
        'generate',
      ]),
    )
    .addOption(
      new Option('-T, --password-file <file>', "read the Manager's password from the first line of this file").conflicts(
        'generate',
      ),
    )
    .option('-g, --generate', "generate the Manager's password and print it")
    .option('-h, --hash <scheme>', `store the password as one of ${schemeNames.join(' ')}`, defaultScheme)
    .option('-l, --load <file...>', 'LDIF files to load instead of the base tree')
    .addHelpText(
      'after',
      `
Examples:
  $ jammd init /srv/jammd
  Suffix [dc=myhosting,dc=example]: dc=hosting,dc=example
  Manager's password:
  ...
  $ jammd init /srv/jammd -b dc=hosting,dc=example -g -h '{BCRYPT}'`,
    )
    .action(init);
}

async function init(folder: string, options: InitCommandOptions): Promise<void> {
  if (options.hash !== undefined && !isKnownScheme(options.hash)) {
    throw new CommandFailure(`${options.hash}: unknown scheme; known are ${schemeNames.join(' ')}`);
  }
  if (isInitialized(folder)) throw new CommandFailure(`${folder} already contains a directory; nothing was changed`);
  const suffix = options.suffix ?? (isTerminal() ? await ask('Suffix', howtoSuffix) : howtoSuffix);
  const { configFile, managerDN, password } = await initialize({
    folder,
    suffix,
    password: await passwordFrom(options),
    ...(options.hash !== undefined && { scheme: options.hash }),
    ...(options.load && { ldif: options.load }),
    onResume: () => process.stderr.write(`an earlier run in ${folder} was interrupted; starting over\n`),
  });
  const lines = [`Created ${configFile} and the tree of ${suffix}.`, `Manager: ${managerDN}`];
  if (options.generate) lines.push(`Password: ${password}`);
  lines.push('', `Start it with: jammd serve -f ${configFile} -h ldap://127.0.0.1:3890/`);
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** Undefined: to be generated. */
async function passwordFrom(options: InitCommandOptions): Promise<Buffer | undefined> {
  if (options.generate) return undefined;
  if (options.password !== undefined) return Buffer.from(options.password);
  if (options.passwordFile !== undefined) {
    const content = await readFile(options.passwordFile);
    const end = content.indexOf(0x0a);
    return end < 0 ? content : content.subarray(0, end);
  }
  if (isTerminal()) return askNewSecret("Manager's password");
  throw new CommandFailure('no password for the Manager: give it with -w or -T, or generate one with -g');
}
