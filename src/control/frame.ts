/**
 * The frames of the control protocol: a payload's length in four bytes (big-endian), a byte that says what it is, the
 * payload. JSON (UTF-8) in all but `data`.
 *
 *     server  hello     {"control":1,"version":"jammd 0.1.0","pid":4711}
 *     client  request   {"control":1,"request":"export","filter":"(cn=x)"}
 *     server  note      how it comes along; any number of these
 *     server  data      bytes of the answer; any number of these
 *     server  end       what it came to; or `failure`: why there is no more
 *
 * One request a connection: the server ends it after the answer.
 */
import { ControlProtocolError } from './errors.js';

/** Raised when a client of this version cannot talk to a server of the one before, or the other way round. */
export const controlVersion = 1;

export const frameKinds = ['hello', 'request', 'note', 'data', 'end', 'failure'] as const;
export type FrameKind = (typeof frameKinds)[number];

/** Each kind's byte is the first letter of its name. */
const byteOf = Object.fromEntries(frameKinds.map((kind) => [kind, kind.charCodeAt(0)])) as Record<FrameKind, number>;
const kindOf: ReadonlyMap<number, FrameKind> = new Map(frameKinds.map((kind) => [byteOf[kind], kind]));

export const frameHeadBytes = 5;
/** What a server takes from a client, in bytes: the filter is the longest thing in a request. */
export const requestBytesMax = 256 * 1_024;
/** What a client takes from a server. */
export const answerBytesMax = 1 << 20;

export interface Frame {
  readonly kind: FrameKind;
  readonly payload: Buffer;
}

/** The head of a frame whose payload follows in as many bytes. */
export function frameHead(kind: FrameKind, payloadBytes: number): Buffer {
  const head = Buffer.allocUnsafe(frameHeadBytes);
  head.writeUInt32BE(payloadBytes, 0);
  head[4] = byteOf[kind];
  return head;
}

export function jsonFrame(kind: Exclude<FrameKind, 'data'>, value: unknown): Buffer {
  const payload = Buffer.from(JSON.stringify(value));
  return Buffer.concat([frameHead(kind, payload.length), payload]);
}

/** Cuts a stream of bytes into frames. */
export class FrameReader {
  readonly #payloadBytesMax: number;
  #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(payloadBytesMax: number) {
    this.#payloadBytesMax = payloadBytesMax;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
  }

  /** Has the stream stopped within a frame? */
  get isEmpty(): boolean {
    return this.#bytes === 0;
  }

  /** Undefined: more bytes are needed. Throws ControlProtocolError as soon as a head says what cannot be. */
  next(): Frame | undefined {
    if (this.#bytes < frameHeadBytes) return undefined;
    const head = this.#first(frameHeadBytes);
    const length = head.readUInt32BE(0);
    const kind = kindOf.get(head[4]!);
    if (!kind) throw new ControlProtocolError('not a frame of the control protocol');
    if (length > this.#payloadBytesMax) {
      throw new ControlProtocolError(`a frame of ${length} bytes exceeds the limit of ${this.#payloadBytesMax}`);
    }
    if (this.#bytes < frameHeadBytes + length) return undefined;
    const all = this.#first(frameHeadBytes + length);
    this.#chunks[0] = all.subarray(frameHeadBytes + length);
    this.#bytes -= frameHeadBytes + length;
    return { kind, payload: all.subarray(frameHeadBytes, frameHeadBytes + length) };
  }

  /** The first chunk, made as long as that. */
  #first(bytes: number): Buffer {
    const [first] = this.#chunks;
    if (first && first.length >= bytes) return first;
    const joined = Buffer.concat(this.#chunks);
    this.#chunks = [joined];
    return joined;
  }
}

/** Throws ControlProtocolError if the payload is no JSON object. */
export function jsonOf({ kind, payload }: Frame): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(payload.toString());
  } catch {
    throw new ControlProtocolError(`the ${kind} is not JSON`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ControlProtocolError(`the ${kind} is not a JSON object`);
  }
  return value as Record<string, unknown>;
}
