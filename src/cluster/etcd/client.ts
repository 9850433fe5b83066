/** etcd's key-value operations that the cluster needs, in their JSON form: bytes are base64, 64-bit numbers are strings. */
import { EngineError } from '../errors.js';
import { EtcdConnection, type EtcdOptions } from './connection.js';

export interface KeyValue {
  readonly key: string;
  readonly value: Buffer;
}

/** Half-open. */
export interface Range {
  readonly from: string;
  readonly to: string;
}

export type Condition =
  | { readonly kind: 'value'; readonly key: string; readonly value: Buffer }
  | { readonly kind: 'exists' | 'absent'; readonly key: string };

export type Operation =
  | { readonly kind: 'put'; readonly key: string; readonly value: Buffer }
  | { readonly kind: 'get'; readonly key: string }
  | { readonly kind: 'delete'; readonly range: Range };

export interface Found {
  readonly items: readonly KeyValue[];
  readonly count: number;
  readonly revision: number;
}

export interface TxnOutcome {
  readonly succeeded: boolean;
  /** What each `get` of the branch that was taken has found, in order. */
  readonly found: readonly (KeyValue | undefined)[];
  readonly revision: number;
}

export interface EngineStatus {
  readonly version: string;
  readonly leader: string;
  readonly databaseBytes: number;
  /** Its quota is used up, or was and nobody has disarmed the alarm. */
  readonly isFull: boolean;
}

interface WireItem {
  readonly key: string;
  readonly value?: string;
}

interface WireRange {
  readonly kvs?: readonly WireItem[];
  readonly count?: string;
}

interface WireHeader {
  readonly header?: { readonly revision?: string };
}

type WireResponse = Readonly<Record<'response_range' | 'responseRange', WireRange | undefined>>;

export class EtcdClient {
  readonly #connection: EtcdConnection;

  constructor(options: EtcdOptions) {
    this.#connection = new EtcdConnection(options);
  }

  get endpoint(): string {
    return this.#connection.endpoint;
  }

  leaveEndpoint(): void {
    this.#connection.leaveEndpoint();
  }

  close(): void {
    this.#connection.close();
  }

  /** Keys ascending. Linearizable, like everything here. `until`: of performance.now(). Throws EngineError. */
  async range({ from, to }: Range, limit: number, until: number, keysOnly = false): Promise<Found> {
    const answer = (await this.#connection.call(
      '/v3/kv/range',
      { key: base64(from), range_end: base64(to), limit: String(limit), keys_only: keysOnly },
      until,
    )) as WireRange & WireHeader;
    return { items: (answer.kvs ?? []).map(itemOf), count: Number(answer.count ?? 0), revision: revisionOf(answer) };
  }

  async get(key: string, until: number): Promise<Buffer | undefined> {
    const answer = (await this.#connection.call('/v3/kv/range', { key: base64(key) }, until)) as WireRange;
    return answer.kvs?.[0] && itemOf(answer.kvs[0]).value;
  }

  async put(key: string, value: Buffer, until: number): Promise<void> {
    await this.#connection.call('/v3/kv/put', { key: base64(key), value: value.toString('base64') }, until);
  }

  async delete({ from, to }: Range, until: number): Promise<number> {
    const answer = await this.#connection.call('/v3/kv/deleterange', { key: base64(from), range_end: base64(to) }, until);
    return revisionOf(answer);
  }

  /** Throws EngineError; one that may have happened is safe to send again where its conditions forbid it twice. */
  async txn(
    conditions: readonly Condition[],
    then: readonly Operation[],
    otherwise: readonly Operation[],
    until: number,
  ): Promise<TxnOutcome> {
    const answer = (await this.#connection.call(
      '/v3/kv/txn',
      { compare: conditions.map(wireCondition), success: then.map(wireOperation), failure: otherwise.map(wireOperation) },
      until,
    )) as WireHeader & { readonly succeeded?: boolean; readonly responses?: readonly WireResponse[] };
    const succeeded = answer.succeeded === true;
    const asked = succeeded ? then : otherwise;
    const found = asked.flatMap(({ kind }, index) => {
      if (kind !== 'get') return [];
      const response = answer.responses?.[index];
      const item = (response?.response_range ?? response?.responseRange)?.kvs?.[0];
      return [item && itemOf(item)];
    });
    return { succeeded, found, revision: revisionOf(answer) };
  }

  /** Lets etcd forget what keys held before this revision. */
  async compact(revision: number, until: number): Promise<void> {
    await this.#connection.call('/v3/kv/compaction', { revision: String(revision) }, until);
  }

  async status(until: number): Promise<EngineStatus> {
    const answer = (await this.#connection.call('/v3/maintenance/status', {}, until)) as Readonly<Record<string, string>> & {
      readonly errors?: readonly string[];
    };
    return {
      version: answer.version ?? '',
      leader: answer.leader ?? '0',
      databaseBytes: Number(answer.dbSize ?? 0),
      isFull: (answer.errors ?? []).some((one) => one.includes('NOSPACE')),
    };
  }

  /**
   * Tells each put in the range from this revision on. Rejects with EngineError when it ends, for whatever reason; stop it by
   * the signal.
   */
  async watch({ from, to }: Range, revision: number, onPut: (item: KeyValue) => void, signal: AbortSignal): Promise<void> {
    const request = { create_request: { key: base64(from), range_end: base64(to), start_revision: String(revision) } };
    const onLine = (line: Readonly<Record<string, unknown>>): void => {
      const result = line.result as
        | { readonly canceled?: boolean; readonly events?: readonly { readonly type?: string; readonly kv?: WireItem }[] }
        | undefined;
      if (result?.canceled) throw new EngineError(`${this.endpoint} ended the watch`, 'transient', false);
      for (const { type, kv } of result?.events ?? []) if (type !== 'DELETE' && kv) onPut(itemOf(kv));
    };
    await this.#connection.stream('/v3/watch', request, onLine, signal);
  }
}

function base64(key: string): string {
  return Buffer.from(key).toString('base64');
}

function itemOf({ key, value = '' }: WireItem): KeyValue {
  return { key: Buffer.from(key, 'base64').toString(), value: Buffer.from(value, 'base64') };
}

function revisionOf(answer: WireHeader): number {
  return Number(answer.header?.revision ?? 0);
}

function wireCondition(condition: Condition): object {
  const key = base64(condition.key);
  if (condition.kind === 'value') {
    return { key, target: 'VALUE', result: 'EQUAL', value: condition.value.toString('base64') };
  }
  return { key, target: 'VERSION', result: condition.kind === 'absent' ? 'EQUAL' : 'GREATER', version: '0' };
}

function wireOperation(operation: Operation): object {
  switch (operation.kind) {
    case 'put':
      return { requestPut: { key: base64(operation.key), value: operation.value.toString('base64') } };
    case 'get':
      return { requestRange: { key: base64(operation.key) } };
    case 'delete':
      return { requestDeleteRange: { key: base64(operation.range.from), range_end: base64(operation.range.to) } };
  }
}
