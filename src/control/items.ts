/**
 * A database's items as a stream of bytes: for each the key's length in two bytes, the value's in four (big-endian), the
 * key (UTF-8), the value.
 */
import type { Item } from '../store/snapshot.js';
import { ControlProtocolError } from './errors.js';

const headBytes = 6;
const startBytes = 128 * 1_024;
/** A record holds a whole entry. */
const valueBytesMax = 1 << 30;

export class ItemEncoder {
  #buffer = Buffer.allocUnsafe(startBytes);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  put([key, value]: Item): void {
    const keyBytes = Buffer.byteLength(key);
    this.#reserve(headBytes + keyBytes + value.length);
    const buffer = this.#buffer;
    buffer.writeUInt16BE(keyBytes, this.#length);
    buffer.writeUInt32BE(value.length, this.#length + 2);
    buffer.write(key, this.#length + headBytes);
    value.copy(buffer, this.#length + headBytes + keyBytes);
    this.#length += headBytes + keyBytes + value.length;
  }

  /** What was put since the last time. */
  take(): Buffer {
    const bytes = this.#buffer.subarray(0, this.#length);
    this.#buffer = Buffer.allocUnsafe(startBytes);
    this.#length = 0;
    return bytes;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}

export class ItemDecoder {
  #chunks: Buffer[] = [];
  #bytes = 0;
  /** Bytes that the next item takes, as far as is known. */
  #needed = headBytes;

  /** The items that are whole by now. Throws ControlProtocolError. */
  push(chunk: Buffer): Item[] {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    const items: Item[] = [];
    if (this.#bytes < this.#needed) return items;
    const bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    let at = 0;
    this.#needed = headBytes;
    while (bytes.length - at >= headBytes) {
      const keyBytes = bytes.readUInt16BE(at);
      const valueBytes = bytes.readUInt32BE(at + 2);
      if (valueBytes > valueBytesMax) throw new ControlProtocolError(`an item of ${valueBytes} bytes is too long`);
      const end = at + headBytes + keyBytes + valueBytes;
      if (end > bytes.length) {
        this.#needed = end - at;
        break;
      }
      const valueStart = at + headBytes + keyBytes;
      items.push([bytes.toString('utf8', at + headBytes, valueStart), bytes.subarray(valueStart, end)]);
      at = end;
    }
    this.#chunks = at < bytes.length ? [bytes.subarray(at)] : [];
    this.#bytes = bytes.length - at;
    return items;
  }

  /** Throws ControlProtocolError if the bytes have ended within an item. */
  end(): void {
    if (this.#bytes > 0) throw new ControlProtocolError('the backup ends in the middle of an item');
  }
}
