/**
 * Cuts a stream of bytes into LDAPMessages. A message that lies whole in one chunk is a place in that chunk; only one
 * that spans chunks is copied together. The size limit is held against the header, before anything is kept.
 *
 * Values that are decoded from a message are views of the chunk. That is safe because every chunk has memory of its own
 * that nobody writes to again; who keeps a value for long copies it, so as not to pin that memory.
 */
import { ResultCode } from '../ldap/result.js';
import { Tag } from '../ber/ber.js';
import { ProtocolError } from './errors.js';

/** Tag, length of the length, four octets of length. */
const headerBytesMax = 6;
const partialBytesMin = 1_024;

const empty = Buffer.alloc(0);

export class PduFramer {
  /** Bytes that one message's content may have. May change between messages. */
  contentBytesMax: number;
  #chunk: Buffer = empty;
  #position = 0;
  /** The beginning of a message whose rest has not come. */
  #partial: Buffer | undefined;
  #partialBytes = 0;
  #buffer: Buffer = empty;
  #start = 0;
  #end = 0;

  constructor(contentBytesMax: number) {
    this.contentBytesMax = contentBytesMax;
  }

  /** The message that `next` found: `buffer[start, end)`. */
  get buffer(): Buffer {
    return this.#buffer;
  }

  get start(): number {
    return this.#start;
  }

  get end(): number {
    return this.#end;
  }

  /** True when all bytes that came have been taken as messages. */
  get isEmpty(): boolean {
    return this.#partial === undefined && this.#position >= this.#chunk.length;
  }

  /** Takes a chunk from the stream; usually all of the one before has been used. */
  push(chunk: Buffer): void {
    this.#chunk = this.#position < this.#chunk.length ? Buffer.concat([this.#chunk.subarray(this.#position), chunk]) : chunk;
    this.#position = 0;
  }

  /**
   * Goes to the next message. False: the rest of it has not come. Throws ProtocolError where there can be no next
   * message, after which the stream is of no use.
   */
  next(): boolean {
    if (this.#partial) return this.#complete(this.#partial);
    const available = this.#chunk.length - this.#position;
    const size = messageBytes(this.#chunk, this.#position, this.#chunk.length, this.contentBytesMax);
    if (size > 0 && size <= available) {
      this.#buffer = this.#chunk;
      this.#start = this.#position;
      this.#end = this.#position += size;
      return true;
    }
    if (available > 0) this.#keep(size);
    this.#drop();
    return false;
  }

  /** Lets go of all that was read: an idle connection pins no memory. */
  #drop(): void {
    this.#chunk = empty;
    this.#position = 0;
    this.#buffer = empty;
  }

  /** Keeps what is left of the chunk as the beginning of a message of `size` bytes (0: not known yet). */
  #keep(size: number): void {
    const available = this.#chunk.length - this.#position;
    this.#partial = Buffer.allocUnsafeSlow(partialCapacity(available, size));
    this.#partialBytes = this.#chunk.copy(this.#partial, 0, this.#position);
  }

  #complete(partial: Buffer): boolean {
    let size = messageBytes(partial, 0, this.#partialBytes, this.contentBytesMax);
    while (size === 0 && this.#position < this.#chunk.length) {
      partial[this.#partialBytes++] = this.#chunk[this.#position++]!;
      size = messageBytes(partial, 0, this.#partialBytes, this.contentBytesMax);
    }
    if (size > 0) this.#append(size);
    if (size === 0 || this.#partialBytes < size) {
      this.#drop();
      return false;
    }
    this.#buffer = this.#partial!;
    this.#start = 0;
    this.#end = size;
    this.#partial = undefined;
    return true;
  }

  /** Moves bytes of the chunk to the partial message, which grows by doubling: no peer makes it copy quadratically. */
  #append(size: number): void {
    const wanted = Math.min(size, this.#partialBytes + this.#chunk.length - this.#position);
    if (wanted > this.#partial!.length) {
      const larger = Buffer.allocUnsafeSlow(partialCapacity(wanted, size));
      this.#partial!.copy(larger, 0, 0, this.#partialBytes);
      this.#partial = larger;
    }
    const added = wanted - this.#partialBytes;
    this.#chunk.copy(this.#partial!, this.#partialBytes, this.#position, this.#position + added);
    this.#partialBytes = wanted;
    this.#position += added;
  }
}

/** Room for twice what is there, not for what the header promises: promising much must not cost the server much. */
function partialCapacity(bytes: number, size: number): number {
  const capacity = Math.max(partialBytesMin, bytes * 2);
  return size > 0 ? Math.max(headerBytesMax, Math.min(capacity, size)) : capacity;
}

/** How many bytes the message at `position` has, its header included; 0 where the header is not all there. */
function messageBytes(buffer: Buffer, position: number, end: number, contentBytesMax: number): number {
  if (position >= end) return 0;
  if (buffer[position] !== Tag.sequence) throw malformed('the bytes are no LDAPMessage');
  if (position + 2 > end) return 0;
  const first = buffer[position + 1]!;
  if (first < 0x80) return checked(2, first, contentBytesMax);
  const octets = first & 0x7f;
  if (octets === 0 || octets > headerBytesMax - 2) throw malformed('the length of an LDAPMessage has an unsupported form');
  if (position + 2 + octets > end) return 0;
  return checked(2 + octets, buffer.readUIntBE(position + 2, octets), contentBytesMax);
}

function checked(headerBytes: number, contentBytes: number, contentBytesMax: number): number {
  if (contentBytes > contentBytesMax) {
    throw ProtocolError.disconnect({
      code: ResultCode.adminLimitExceeded,
      matchedDN: '',
      diagnostic: `request of ${contentBytes} bytes exceeds the limit of ${contentBytesMax}`,
    });
  }
  return headerBytes + contentBytes;
}

function malformed(diagnostic: string): ProtocolError {
  return ProtocolError.disconnect({ code: ResultCode.protocolError, matchedDN: '', diagnostic });
}
