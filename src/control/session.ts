/**
 * Serves one client of a control socket: its request, the work, the answer. The client is the folder's owner and therefore
 * trusted with the data; but it may be some other program, or be killed at any moment, without harm to the server.
 */
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import { DN } from '../dn/dn.js';
import type { Database } from '../directory/database.js';
import { exportLdifBytes } from '../directory/transfer/export.js';
import { Slice } from '../directory/search/slice.js';
import { serverVersion } from '../directory/version.js';
import { FilterSyntaxError, parseFilter } from '../filter/text.js';
import type { SearchScope } from '../ldap/request.js';
import { LdapError, resultCodeName } from '../ldap/result.js';
import { StoreError } from '../store/errors.js';
import { Answer, AnswerEndedError } from './answer.js';
import { ControlError, ControlProtocolError } from './errors.js';
import { controlVersion, FrameReader, jsonFrame, jsonOf, requestBytesMax } from './frame.js';
import { ItemEncoder } from './items.js';
import { parseRequest, type ControlRequest } from './request.js';
import type { LongWork, ServerStatus } from './status.js';

/**
 * Exports and backups at one time: each may hold a snapshot for as long as its client takes to read. Fewer than the clients
 * allowed, so that `status` always works.
 */
export const longWorksMax = 16;
/** Milliseconds for a request to come. */
const requestMs = 10_000;
/** Milliseconds that a client gets to read the last bytes. */
const lingerMs = 2_000;
/** Items that gather before they are sent, in bytes. */
const flushBytes = 64 * 1_024;
/** How often a client is told how far its export has come, in milliseconds. */
const noteMs = 200;

export interface ControlContext {
  readonly logger: Logger;
  readonly works: Set<LongWork>;
  status(): ServerStatus;
}

export class ControlSession {
  readonly #socket: Socket;
  readonly #database: Database;
  readonly #context: ControlContext;
  readonly #reader = new FrameReader(requestBytesMax);
  readonly #answer: Answer;
  readonly #closed: Promise<void>;
  #patience: NodeJS.Timeout;
  #work: Promise<void> | undefined;
  #stopping = false;
  #atWork = false;

  constructor(socket: Socket, database: Database, context: ControlContext) {
    this.#socket = socket;
    this.#database = database;
    this.#context = context;
    this.#answer = new Answer(socket);
    this.#closed = new Promise((resolve) => socket.once('close', () => resolve()));
    // `close` reports a client that is gone.
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => this.#received(chunk));
    this.#patience = setTimeout(() => this.#refuse('no request was sent in time'), requestMs);
    socket.write(jsonFrame('hello', { control: controlVersion, version: serverVersion, pid: process.pid }));
  }

  /** Resolves when the client is gone and nothing is done for it any more. */
  async ended(): Promise<void> {
    await this.#closed;
    clearTimeout(this.#patience);
    await this.#work;
  }

  /** An export or a backup is running. */
  get isAtWork(): boolean {
    return this.#atWork;
  }

  /** Makes room for another client. */
  evict(): void {
    this.#refuse('closed to make room for other clients of the control socket');
    this.#socket.destroySoon();
  }

  /** Ends the work; the client is told why. */
  stop(): void {
    this.#stopping = true;
    const reason = 'the server is stopping';
    this.#answer.stop(reason);
    if (!this.#work) this.#refuse(reason);
    this.#linger();
  }

  #received(chunk: Buffer): void {
    if (this.#work) return this.#refuse('one request at a time');
    this.#reader.push(chunk);
    try {
      const frame = this.#reader.next();
      if (!frame) return;
      if (frame.kind !== 'request') throw new ControlProtocolError(`a client must not send a ${frame.kind}`);
      const request = parseRequest(jsonOf(frame));
      clearTimeout(this.#patience);
      this.#work = this.#perform(request);
    } catch (error) {
      if (!(error instanceof ControlProtocolError)) throw error;
      this.#refuse(error.message);
    }
  }

  #refuse(reason: string): void {
    clearTimeout(this.#patience);
    this.#socket.pause();
    this.#answer.stop(reason);
    this.#answer.fail(reason);
    this.#linger();
  }

  #linger(): void {
    const timer = setTimeout(() => this.#socket.destroy(), lingerMs);
    this.#socket.once('close', () => clearTimeout(timer));
  }

  /** Never rejects. */
  async #perform(request: ControlRequest): Promise<void> {
    try {
      switch (request.request) {
        case 'status':
          return this.#answer.end(this.#context.status());
        case 'export':
          return await this.#asLongWork('export', (work) => this.#export(request, work));
        case 'backup':
          return await this.#asLongWork('backup', (work) => this.#backup(work));
      }
    } catch (error) {
      if (!(error instanceof AnswerEndedError)) this.#answer.fail(this.#reasonOf(error));
      else if (this.#stopping) this.#answer.fail(error.message);
    }
  }

  async #asLongWork(kind: LongWork['kind'], perform: (work: LongWork) => Promise<object>): Promise<void> {
    const { works, logger } = this.#context;
    if (works.size >= longWorksMax) throw new ControlError(`${longWorksMax} exports and backups are already under way`);
    this.#atWork = true;
    const database = String(this.#database.config.suffixes[0]);
    const answer = this.#answer;
    const work: LongWork = {
      kind,
      database,
      since: new Date(),
      entries: 0,
      get bytes() {
        return answer.bytes;
      },
      get waitsForReader() {
        return answer.waits;
      },
    };
    works.add(work);
    logger.info(`${kind} of ${database} begins`);
    try {
      answer.end(await perform(work));
      logger.info(`${kind} of ${database} finished: ${answer.bytes} bytes`);
    } catch (error) {
      logger.warn(`${kind} of ${database} was interrupted: ${error instanceof Error ? error.message : String(error)}`);
      throw error;
    } finally {
      works.delete(work);
      this.#atWork = false;
    }
  }

  async #export(request: Extract<ControlRequest, { request: 'export' }>, work: LongWork): Promise<object> {
    const { filter, subtree, scope, columns } = request;
    const answer = this.#answer;
    const { store, schema } = this.#database;
    const base = subtree === undefined ? undefined : DN.parse(subtree, schema);
    if (base && store.idOf(base.normalized) === undefined) throw new ControlError(`${subtree}: no such entry`);
    let noted = performance.now();
    const text = exportLdifBytes(store, schema, {
      ...(filter !== undefined && { filter: parseFilter(filter) }),
      ...(base && { base }),
      ...(scope !== undefined && { scope: scopeNamed(scope) }),
      ...(columns !== undefined && { columns: columnsNamed(columns) }),
      onDamaged: (id, error) => answer.note({ damaged: id, message: error.message }),
      onProgress: (entries) => {
        answer.assertWanted();
        work.entries = entries;
        if (performance.now() - noted < noteMs) return;
        noted = performance.now();
        answer.note({ entries });
      },
    });
    for await (const bytes of text) await answer.data(bytes);
    return { entries: work.entries };
  }

  async #backup(work: LongWork): Promise<object> {
    const answer = this.#answer;
    const snapshot = this.#database.store.snapshot();
    try {
      work.entries = snapshot.entryCount;
      const encoder = new ItemEncoder();
      const slice = new Slice();
      let items = 0;
      for await (const chunk of snapshot.items()) {
        for (const item of chunk) {
          encoder.put(item);
          items++;
          if (encoder.length >= flushBytes) await answer.data(encoder.take());
          if (slice.isOver()) await slice.next();
        }
        answer.assertWanted();
      }
      await answer.data(encoder.take());
      return { entries: work.entries, items };
    } finally {
      await snapshot.close();
    }
  }

  #reasonOf(error: unknown): string {
    if (error instanceof LdapError) return error.diagnostic === '' ? resultCodeName(error.code) : error.diagnostic;
    if (error instanceof ControlError || error instanceof StoreError || error instanceof FilterSyntaxError) return error.message;
    this.#context.logger.error({ err: error }, 'control socket: internal error');
    return 'internal error';
  }
}

function scopeNamed(text: string): SearchScope {
  if (text === 'base' || text === 'one' || text === 'sub' || text === 'children') return text;
  throw new ControlProtocolError(`${JSON.stringify(text)} is no scope`);
}

function columnsNamed(text: string): number {
  if (text === 'no') return Infinity;
  const columns = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (columns < 2) throw new ControlProtocolError(`lines cannot have ${JSON.stringify(text)} columns`);
  return columns;
}
