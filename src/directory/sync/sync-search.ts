/**
 * A search that synchronises a replica (RFC 4533). First it refreshes: by the change log where that reaches back to what
 * the replica has seen, else with all entries. One that persists then follows the log, at the pace of its reader.
 */
import { BerError } from '../../ber/ber.js';
import { Privilege } from '../../access/model.js';
import { syncprovOf } from '../../config/overlays/settings.js';
import type { DN } from '../../dn/dn.js';
import type { EntryRecord } from '../../entry/record.js';
import { filterWeight } from '../../filter/weight.js';
import { CsnSet } from '../../ldap/csn.js';
import type { SearchRequest } from '../../ldap/request.js';
import type { Response } from '../../ldap/response.js';
import { LdapError, ResultCode, success } from '../../ldap/result.js';
import { parseSyncCookie, writeSyncCookie, type SyncCookie } from '../../ldap/sync-cookie.js';
import { syncOids, type SyncEntryState, type SyncInfo, type SyncRequest } from '../../ldap/sync.js';
import { syncDoneControl, syncStateControl } from '../../protocol/response-controls.js';
import { decodeSyncRequest, encodeSyncInfo } from '../../protocol/sync-values.js';
import { StoreDamagedError } from '../../store/errors.js';
import type { ChangeLog } from '../../store/log/change-log.js';
import type { Database } from '../database.js';
import type { OperationIO } from '../model.js';
import type { OperationContext } from '../operations/operation.js';
import { wellKnownOf } from '../rules/schema-check.js';
import { SearchAnswer, type Stop } from '../search/answer.js';
import { SearchPace } from '../search/pace.js';
import { sizeLimit } from '../search/search-limits.js';
import { Slice } from '../search/slice.js';
import { placeOf } from '../cluster/place.js';
import { halfStep, mayKeepOldName } from './half-step.js';
import { endOfGroup, groupMessages, LogLost, readChange, type SyncMessage } from './messages.js';
import { SyncView } from './view.js';

/** Of the snapshot, read at once: many readers may be slow. */
const chunkBytes = 256 << 10;
/** UUIDs in one message. */
const presentAtOnce = 256;

/** RFC 4511 derefAliases: derefInSearching. */
const derefInSearching = 1;

/** Undefined: the control is to be ignored, for nobody follows this database. Throws LdapError. */
export function synchronise(
  operation: OperationContext,
  database: Database,
  base: DN,
  request: SearchRequest,
  io: OperationIO,
): Promise<Response> | undefined {
  const control = operation.controls.get('syncRequest');
  if (!control) return undefined;
  if ((!database.store.log.isKept && !isForNode(control.value, database)) || !io.sink.intermediate) {
    if (!control.critical) return undefined;
    throw new LdapError(ResultCode.unavailableCriticalExtension, 'replicas cannot follow this database');
  }
  if (request.derefAliases & derefInSearching) {
    throw new LdapError(ResultCode.protocolError, 'illegal value for derefAliases');
  }
  if (operation.controls.has('pagedResults')) {
    throw new LdapError(ResultCode.protocolError, 'Sync control specified with pagedResults control');
  }
  if (operation.directory.glued(database, base, request.scope).length > 0) {
    const diagnostic = 'databases below this one are glued to it: synchronise each on its own';
    throw new LdapError(ResultCode.unwillingToPerform, diagnostic);
  }
  return new SyncSearch(operation, database, base, request, readControl(control.value), io).run();
}

/** A node of the cluster that refreshes itself needs no log: it follows the cluster's own. */
function isForNode(value: Buffer | undefined, { store }: Database): boolean {
  if (!store.clusterPosition) return false;
  const { mode, cookie } = readControl(value);
  return mode === 'refreshOnly' && parseSyncCookie(cookie?.toString() ?? '').place !== undefined;
}

/** Throws 2. */
function readControl(value: Buffer | undefined): SyncRequest {
  if (!value) throw new LdapError(ResultCode.protocolError, 'Sync control value is absent');
  if (value.length === 0) throw new LdapError(ResultCode.protocolError, 'Sync control value is empty');
  try {
    return decodeSyncRequest(value);
  } catch (error) {
    if (!(error instanceof BerError)) throw error;
    throw new LdapError(ResultCode.protocolError, 'Sync control could not be decoded');
  }
}

class SyncSearch {
  readonly #log: ChangeLog;
  readonly #cookie: SyncCookie;
  readonly #persists: boolean;
  readonly #answer: SearchAnswer;
  readonly #pace: SearchPace;
  readonly #terms: number;
  /** The context that the replica has been told of last. */
  #told = CsnSet.empty;
  /** The context when the log had been followed to its end. */
  #reached = CsnSet.empty;
  #stop: Stop | undefined;
  #refreshDeletes = false;
  /** Of the snapshot that was told, for a node of the cluster. */
  #place: string | undefined;
  /** UUIDs of entries that the replica has as they are, which it is yet to be told. */
  #present: Buffer[] = [];

  constructor(
    private readonly operation: OperationContext,
    private readonly database: Database,
    private readonly base: DN,
    private readonly request: SearchRequest,
    control: SyncRequest,
    private readonly io: OperationIO,
  ) {
    this.#log = database.store.log;
    this.#cookie = parseSyncCookie(control.cookie?.toString() ?? '');
    this.#persists = control.mode === 'refreshAndPersist';
    const view = this.#view();
    this.#answer = new SearchAnswer(operation, [view.part], request, io.sink, undefined);
    this.#pace = new SearchPace(operation, request, this.#answer, io.signal);
    // A refresh holds a snapshot and pieces of it until its reader has gone on.
    this.#pace.isHeavy = true;
    this.#terms = filterWeight(request.filter).terms;
    this.#checkBase(view);
  }

  async run(): Promise<Response> {
    const { directory, peer } = this.operation;
    const leave = this.#persists ? directory.persistentSearches.enter(peer.address) : undefined;
    const turnAway = this.#persists ? this.#log.attend() : undefined;
    try {
      if (this.#persists) this.io.persists?.();
      const position = await this.#refresh();
      if (position === undefined) return this.#answer.finish();
      return this.#persists ? await this.#persist(position) : this.#done();
    } finally {
      turnAway?.();
      leave?.();
    }
  }

  /** Made anew for each piece of work: access rules remember what they have found out. */
  #view(): SyncView {
    return new SyncView(this.operation, this.database, this.base, this.request);
  }

  /** Throws 10, 32, 50 or 53. */
  #checkBase({ part }: SyncView): void {
    const { operation, database, base, request } = this;
    const isRoot = base.isEmpty && database.isSuffix(base);
    const entry = isRoot ? operation.directory.rootEntry : database.store.entryByNdn(base.normalized);
    if (!entry) throw operation.absent(base, database.store, part.access, request.scope);
    operation.refer(entry, base, request.scope);
    if (!part.access.allows(entry, 'entry', Privilege.search)) {
      const known = part.access.allows(entry, 'entry', Privilege.disclose);
      throw new LdapError(known ? ResultCode.insufficientAccessRights : ResultCode.noSuchObject);
    }
    const { seen, isWhole } = this.#cookie;
    const isNewer = (csn: string): boolean => (seen.ofSameServer(csn) ?? '') > csn;
    if (isWhole && this.#log.context.values().some(isNewer)) {
      throw new LdapError(ResultCode.unwillingToPerform, 'consumer state is newer than provider!');
    }
  }

  /** Answers the position in the log that the replica is at; undefined: the search has stopped. */
  async #refresh(): Promise<number | undefined> {
    const { seen, isWhole } = this.#cookie;
    const start = isWhole && seen.size > 0 ? this.#log.positionAfter(seen) : undefined;
    if (start !== undefined) {
      const reached = await this.#follow(start, seen);
      if (this.#stop) return undefined;
      if (reached !== undefined) return this.#refreshed(reached, 'refreshDelete', this.#reached);
    }
    return this.#refreshFully(isWhole && (start !== undefined || this.#log.hasOutrun(seen)));
  }

  #refreshed(position: number, kind: 'refreshDelete' | 'refreshPresent', context: CsnSet): number {
    this.#refreshDeletes = kind === 'refreshDelete';
    this.#told = context;
    if (this.#persists) this.#inform({ kind, cookie: this.#cookieOf(context.values()), refreshDone: true });
    return position;
  }

  #done(): Response {
    const context = this.#cookieOf(this.#told.values());
    const cookie = this.#place === undefined ? context : Buffer.from(`${context.toString()},cluster=${this.#place}`);
    return { ...success, controls: [syncDoneControl({ cookie, refreshDeletes: this.#refreshDeletes })] };
  }

  /**
   * All entries, from one snapshot. What is missing of them the replica has to delete. `isKnown`: it has been told of all that
   * its cookie covers, so those entries are only named.
   */
  async #refreshFully(isKnown: boolean): Promise<number | undefined> {
    const pace = this.#pace;
    await pace.enter();
    try {
      if (pace.mustStop()) return this.#stopped();
      const { store } = this.database;
      const position = this.#log.next;
      const { context } = this.#log;
      const snapshot = store.snapshot();
      try {
        if (this.#cookie.place !== undefined) this.#place = placeOf(snapshot);
        const skips = syncprovOf(this.database.config.overlays)?.noPresent === true && this.#cookie.seen.size > 0;
        if (!(await this.#sendAll(snapshot.entries({ chunkBytes }), skips, isKnown))) return this.#stopped();
        return this.#refreshed(position, skips ? 'refreshDelete' : 'refreshPresent', context);
      } finally {
        await snapshot.close();
      }
    } finally {
      pace.leave();
    }
  }

  /** `skips`: leaves out what the replica has seen; `isKnown`: only names it. False where the search must stop. */
  async #sendAll(chunks: AsyncIterable<EntryRecord[]>, skips: boolean, isKnown: boolean): Promise<boolean> {
    const pace = this.#pace;
    const answer = this.#answer;
    const most = sizeLimit(this.request.sizeLimit, answer.limits);
    const view = this.#view();
    const slice = pace.slice();
    let sent = 0;
    for await (const chunk of chunks) {
      for (const record of chunk) {
        if (view.includes(record)) {
          const hasSeen = this.#hasSeen(record);
          if (hasSeen && !skips && isKnown) {
            answer.waiting = !this.#namePresent(record);
          } else if (!hasSeen || !skips) {
            if (sent++ >= most) {
              answer.stop = 'sizeLimit';
              return false;
            }
            if (!hasSeen && this.#cookie.seen.size > 0) this.#sendHalfStep(view, record);
            answer.waiting = !this.#send(view, 'add', record, undefined);
          }
        }
        if (answer.waiting && !(await pace.drained())) return false;
        if (slice.isOver() && !(await pace.next(slice))) return false;
      }
      if (pace.mustStop()) return false;
    }
    this.#tellPresent();
    return true;
  }

  /** Does its cookie cover the entry? */
  #hasSeen(record: EntryRecord): boolean {
    if (this.#cookie.seen.size === 0) return false;
    const csn = record.values(wellKnownOf(this.database.schema).entryCSN)[0];
    return csn !== undefined && this.#cookie.seen.covers(csn.toString('latin1'));
  }

  /** False: wait before the next one. */
  #namePresent(record: EntryRecord): boolean {
    const entryUuid = uuidOf(record, this.database);
    if (entryUuid) this.#present.push(entryUuid);
    return this.#present.length < presentAtOnce || this.#tellPresent();
  }

  #tellPresent(): boolean {
    if (this.#present.length === 0) return true;
    const entryUuids = this.#present;
    this.#present = [];
    return this.#inform({ kind: 'syncIdSet', cookie: undefined, refreshDeletes: false, entryUuids });
  }

  /** slapd's copy of the entry may have another name. */
  #sendHalfStep(view: SyncView, record: EntryRecord): void {
    if (this.#cookie.rid === undefined || !mayKeepOldName(record, view.schema)) return;
    const half = halfStep(record, view.schema);
    if (half) this.#send(view, 'add', half, undefined);
  }

  #stopped(): undefined {
    this.#stop = this.#answer.stop;
    return undefined;
  }

  /** Follows the log until somebody ends the search. */
  async #persist(start: number): Promise<Response> {
    const { io } = this;
    let position: number | undefined = start;
    for (;;) {
      // What was sent leaves, and the reader may be slow: what comes meanwhile is in the log.
      await io.sink.drained();
      if (io.signal.stopped) break;
      if (position >= this.#log.next && this.#log.context === this.#told) await this.#untilMore();
      if (io.signal.stopped) break;
      position = await this.#follow(position, CsnSet.empty);
      if (this.#stop) break;
      if (position === undefined) {
        // slapd's replicas come back for a refresh after this; they make nothing good of e-syncRefreshRequired.
        throw new LdapError(ResultCode.busy, 'the change log has moved on: search again');
      }
      this.#tellContext();
    }
    this.#answer.stop = io.signal.stopped;
    return this.#answer.finish();
  }

  /** The replica's cookie moves on with changes that it does not see, lest the log leaves it behind. */
  #tellContext(): void {
    const context = this.#reached;
    if (!this.#told.coversAll(context)) {
      this.#inform({ kind: 'newCookie', cookie: this.#cookieOf(context.values()) });
    }
    this.#told = context;
  }

  #untilMore(): Promise<void> {
    return new Promise((resolve) => {
      const end = this.#log.onChange(done);
      function done(): void {
        end();
        resolve();
      }
      this.io.signal.whenStopped?.(done);
    });
  }

  /**
   * Tells all changes from a position on, but for those the replica has seen. Answers the position reached; undefined where
   * the log does not reach back that far any more, or the search has stopped.
   */
  async #follow(from: number, seen: CsnSet): Promise<number | undefined> {
    const { sink, signal } = this.io;
    const log = this.#log;
    const slice = new Slice(this.#terms);
    const view = this.#view();
    // Only slapd's replicas give themselves a number.
    const movesSubtrees = this.#cookie.rid !== undefined;
    let position = from;
    try {
      while (position < log.next) {
        if (seen.size > 0 && seen.covers(readChange(log, position).csn)) {
          position++;
          continue;
        }
        const end = endOfGroup(log, position);
        for (const message of groupMessages(log, position, end, view, movesSubtrees)) {
          if (!this.#tell(view, message)) await sink.drained();
          if (slice.isOver()) await slice.next();
          if (signal.stopped) {
            this.#answer.stop = signal.stopped;
            this.#stopped();
            return undefined;
          }
        }
        position = end;
      }
      this.#reached = log.context;
      return position;
    } catch (error) {
      if (error instanceof LogLost || error instanceof StoreDamagedError) return undefined;
      throw error;
    }
  }

  #tell(view: SyncView, message: SyncMessage): boolean {
    const { csn } = message;
    const cookie = csn === undefined ? undefined : this.#cookieOf([csn]);
    if (csn !== undefined) this.#told = this.#told.with(csn);
    if (message.kind === 'seen') return this.#inform({ kind: 'newCookie', cookie: cookie! });
    return this.#send(view, message.kind, message.record, cookie);
  }

  /** False: wait before the next one. */
  #send(view: SyncView, state: SyncEntryState, record: EntryRecord, cookie: Buffer | undefined): boolean {
    const entryUuid = uuidOf(record, this.database);
    // What has none was imported with `lastmod off`; replicas could not tell it from others.
    if (!entryUuid) return true;
    const controls = [syncStateControl({ state, entryUuid, cookie })];
    const entry = state === 'delete' ? { record, ranges: [], extra: [], controls } : { ...view.select(record), controls };
    return this.io.sink.entry(entry);
  }

  #inform(info: SyncInfo): boolean {
    return this.io.sink.intermediate!(syncOids.info, encodeSyncInfo(info));
  }

  #cookieOf(csns: readonly string[]): Buffer {
    return Buffer.from(writeSyncCookie(this.#cookie.rid, this.operation.directory.config.serverId, csns));
  }
}

function uuidOf(record: EntryRecord, { schema }: Database): Buffer | undefined {
  const value = record.values(wellKnownOf(schema).entryUUID)[0];
  if (!value) return undefined;
  const bytes = Buffer.from(withoutDashes(value), 'hex');
  return bytes.length === 16 ? bytes : undefined;
}

function withoutDashes(uuid: Buffer): string {
  const text = uuid.toString('latin1');
  if (text.length !== 36 || text[8] !== '-') return text.replaceAll('-', '');
  return text.slice(0, 8) + text.slice(9, 13) + text.slice(14, 18) + text.slice(19, 23) + text.slice(24);
}
