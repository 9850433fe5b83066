/** An open directory as an embedding program holds it. */
import { BackupFolder } from '../directory/transfer/backup-folder.js';
import type { Config } from '../config/model.js';
import type { Change as RecordedChange } from '../directory/changes.js';
import { Directory as Core } from '../directory/directory.js';
import { type Peer, withoutEntries } from '../directory/model.js';
import { noControls } from '../ldap/request.js';
import { LdapError, ResultCode } from '../ldap/result.js';
import { changeOf, ChangeStream, defaultWaitingMax, type Change, type ChangesOptions } from './changes.js';
import { setInternals, type Closeable } from './core.js';
import { asLdapError, guarded } from './failure.js';
import {
  databaseNamed,
  LdifLoad,
  writeLdif,
  type ExportOptions,
  type ImportOptions,
  type ImportReport,
  type LdifSource,
} from './ldif.js';
import { configurationOf, type OpenOptions } from './open.js';
import { Session } from './session.js';
import { bytesOf, type Value } from './values.js';

/** Bits of an in-process call: nobody is in between, so it counts as the strongest transport there is. */
const embeddedStrength = 256;

/**
 * Opens a directory. One process at a time can have a folder open.
 *
 * Rejects with LdapError: 52 where the folder is in use, damaged or not to be written; 53 where the configuration is
 * wrong (the diagnostic names file and line of every error); 34 for a suffix that is no DN.
 *
 *     const directory = await openDirectory({ folder: '/var/lib/jammd', suffix: 'dc=example,dc=org' });
 *     try {
 *       console.log(await directory.root().read('dc=example,dc=org'));
 *     } finally {
 *       await directory.close();
 *     }
 */
export async function openDirectory(options: OpenOptions): Promise<Directory> {
  const config = await configurationOf(options);
  const warn = (warning: string): void => options.onWarning?.(warning);
  const core = await guarded(() =>
    Core.open(config, {
      inMemory: options.memory === true,
      onDamage: (database, id, error) => warn(`${String(database.config.suffixes[0])}: entry ${id} is damaged: ${error.message}`),
      onDamagedFile: (database, description) => warn(`${String(database.suffixes[0])}: skipped a damaged block: ${description}`),
      onPendingIndexes: (database, pending) => {
        const names = pending.map(({ attribute, kind }) => `${attribute} ${kind}`).join(', ');
        warn(`${String(database.config.suffixes[0])}: indexes not built yet: ${names}; run jammd reindex`);
      },
    }),
  );
  warnOfReplicas(config, options.onWarning ?? ((warning) => process.emitWarning(warning)));
  return new Directory(core);
}

/** A replica that stands still is no small matter: somebody has to hear of it. */
function warnOfReplicas({ databases }: Config, warn: (warning: string) => void): void {
  for (const { suffixes, syncrepls } of databases) {
    if (syncrepls.length === 0) continue;
    warn(`${String(suffixes[0])}: syncrepl has no effect here: only jammd serve follows a provider; reads see what it left`);
  }
}

/**
 * A directory that is open. Made by `openDirectory`; `createServer` and `mountDirectory` put it on the network.
 *
 *     const session = directory.as('mail=ann@one.example,jvd=one.example,o=hosting,dc=myhosting,dc=example');
 */
export class Directory {
  readonly #core: Core;
  readonly #listeners = new Set<(change: Change) => void>();
  readonly #streams = new Set<ChangeStream>();
  readonly #users = new Set<Closeable>();
  #stopListening: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  /** Not for programs: see `openDirectory`. @internal */
  constructor(core: Core) {
    this.#core = core;
    setInternals(this, { core, users: this.#users, assertOpen: () => this.#assertOpen() });
  }

  /** The DNs at the top of its trees: `['dc=myhosting,dc=example']`. */
  get suffixes(): string[] {
    return this.#core.databases.flatMap((database) => database.config.suffixes.map(String));
  }

  /** A session of nobody in particular: what a client is before it binds. */
  anonymous(): Session {
    return this.#open();
  }

  /**
   * A session of `dn`, without a password: for a program that has found out itself who somebody is. There need be no
   * such entry. Throws LdapError 34 for what is no DN.
   */
  as(dn: string): Session {
    this.#assertOpen();
    const name = this.#core.parseDN(dn);
    return this.#open(name.isEmpty ? undefined : name);
  }

  /**
   * A session of the rootdn, for whom there are no access rules and no limits. With several databases, of the one that
   * has this suffix, else of the first. Throws LdapError 53 if that one has no rootdn.
   */
  root(suffix?: string): Session {
    this.#assertOpen();
    const { rootDN } = databaseNamed(this.#core, suffix).config;
    if (!rootDN) throw new LdapError(ResultCode.unwillingToPerform, 'the database has no rootdn');
    return this.#open(rootDN);
  }

  /**
   * Checks a password, and answers with the session of whom it belongs to. Rejects with LdapError 49 for a wrong
   * password and for an unknown name alike, 53 for an empty password, 34 for what is no DN.
   *
   *     const session = await directory.bind(dn, password);
   */
  async bind(dn: string, password: Value): Promise<Session> {
    return guarded(async () => {
      this.#assertOpen();
      const session = this.#core.openSession(embeddedPeer());
      const authentication = { method: 'simple', password: bytesOf(password) } as const;
      await session.perform(
        { request: { op: 'bind', version: 3, name: Buffer.from(dn), authentication }, controls: noControls },
        withoutEntries,
      );
      return new Session(session, () => this.#assertOpen());
    });
  }

  /**
   * Loads entries from LDIF (RFC 2849) as `jammd import` does: in any order, at the pace of bulk loading, by the rules of
   * the schema but not by access rules. Other writes wait until it is done. What was loaded before a failure stays.
   *
   * Rejects with LdapError: with a record's own (68 exists, 65 schema, ...; the diagnostic names line and DN) unless
   * `onFailure` takes it, 2 for what is no LDIF, 52 where the disk fails.
   *
   *     await directory.importLdif(createReadStream('base.ldif'));
   */
  async importLdif(source: LdifSource, options: ImportOptions = {}): Promise<ImportReport> {
    return guarded(async () => {
      this.#assertOpen();
      const database = databaseNamed(this.#core, options.suffix);
      const load = new LdifLoad(this.#core, database, options);
      try {
        return await load.run(source);
      } finally {
        const { entries } = load;
        if (entries > 0) this.#tell({ kind: 'import', suffix: String(database.config.suffixes[0]), entries });
      }
    });
  }

  /**
   * Everything in a database as LDIF, as `jammd export` writes it: parents first, operational attributes included, from
   * one snapshot, without access rules. Importing it makes the same tree. Throws LdapError 32 or 34 for a wrong suffix.
   *
   *     await pipeline(directory.exportLdif(), createWriteStream('backup.ldif'));
   */
  exportLdif(options: ExportOptions = {}): AsyncIterableIterator<string, void, undefined> {
    this.#assertOpen();
    return writeLdif(this.#core, databaseNamed(this.#core, options.suffix), options);
  }

  /**
   * Copies every database into a folder, which must be new or empty, as `jammd backup` does; `jammd restore` brings it
   * back. Each copy is one state; reads and writes continue. Rejects with LdapError 52, and leaves nothing, where the folder
   * is not empty or cannot be written.
   *
   *     await directory.backup('/var/backups/directory/2026-11-28');
   */
  async backup(folder: string): Promise<void> {
    await guarded(async () => {
      this.#assertOpen();
      const target = await BackupFolder.begin(folder);
      try {
        for (const { config, store } of this.#core.databases) {
          target.add(config.suffixes.map(String), await store.backup(target.next));
        }
        await target.finish();
      } catch (error) {
        await target.discard();
        throw error;
      }
    });
  }

  /**
   * Calls `listener` with each change when it is on disk and before the write that made it resolves, in the order of
   * commits: right for keeping a cache in step. It must be quick; what it throws becomes a process warning. Returns what
   * ends that.
   */
  onChange(listener: (change: Change) => void): () => void {
    this.#assertOpen();
    this.#stopListening ??= this.#core.onChange((change) => this.#recorded(change));
    // A function of its own, so that the same listener twice is two listeners.
    const own = (change: Change): void => listener(change);
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
      if (this.#listeners.size > 0) return;
      this.#stopListening?.();
      this.#stopListening = undefined;
    };
  }

  /**
   * All changes from now on, in the order of commits. The loop ends when the directory closes; a reader that falls
   * `waitingMax` changes behind gets LdapError 51.
   *
   *     for await (const change of directory.changes()) console.log(change.kind);
   */
  changes({ waitingMax = defaultWaitingMax }: ChangesOptions = {}): ChangeStream {
    const stream = new ChangeStream(waitingMax, () => {
      this.#streams.delete(stream);
      end();
    });
    const end = this.onChange((change) => stream.push(change));
    this.#streams.add(stream);
    return stream;
  }

  /**
   * Closes the servers that use it, waits for writes under way, and closes the databases; a `memory` directory's data
   * are gone then. Calls after this fail with LdapError 52. Closing twice is fine.
   */
  close(): Promise<void> {
    this.#closing ??= guarded(() => this.#close());
    return this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#users].map((user) => user.close()));
    try {
      await this.#core.close();
    } finally {
      for (const stream of [...this.#streams]) stream.end();
      this.#stopListening?.();
    }
  }

  #open(dn?: ReturnType<Core['parseDN']>): Session {
    this.#assertOpen();
    const session = this.#core.openSession(embeddedPeer());
    session.assume(dn);
    return new Session(session, () => this.#assertOpen());
  }

  #assertOpen(): void {
    if (this.#closing) throw new LdapError(ResultCode.unavailable, 'the directory is closed');
  }

  #recorded(change: RecordedChange): void {
    this.#tell(changeOf(change));
  }

  #tell(change: Change): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(change);
      } catch (error) {
        process.emitWarning(asLdapError(error));
      }
    }
  }
}

function embeddedPeer(): Peer {
  return {
    address: '',
    name: 'embedded',
    listener: '',
    tlsSsf: embeddedStrength,
    transportSsf: embeddedStrength,
    externalIdentity: undefined,
  };
}
