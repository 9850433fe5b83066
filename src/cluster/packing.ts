/**
 * Packs the bodies of log entries: each is synced by three disks and told all nodes, and entries of a directory repeat
 * themselves. What is short as it is stays so.
 */
import { promisify } from 'node:util';
import { constants, deflateRaw, deflateRawSync, inflateRaw, inflateRawSync } from 'node:zlib';
import { LogEntryError } from './errors.js';

const worthwhileBytes = 256;
/** What is larger is worth another thread. */
const hereBytesMax = 64 << 10;
const options = { level: constants.Z_BEST_SPEED };

const deflateElsewhere = promisify<Buffer, typeof options, Buffer>(deflateRaw);
const inflateElsewhere = promisify<Buffer, { maxOutputLength: number }, Buffer>(inflateRaw);

/** Undefined where it would not be shorter. */
export async function pack(body: Buffer): Promise<Buffer | undefined> {
  if (body.length < worthwhileBytes) return undefined;
  const packed = body.length <= hereBytesMax ? deflateRawSync(body, options) : await deflateElsewhere(body, options);
  return packed.length < body.length ? packed : undefined;
}

/** Throws LogEntryError where it is no packed body of at most so many bytes. */
export async function unpack(packed: Buffer, bytesMax: number): Promise<Buffer> {
  try {
    const limited = { maxOutputLength: bytesMax };
    return packed.length <= hereBytesMax / 4 ? inflateRawSync(packed, limited) : await inflateElsewhere(packed, limited);
  } catch (error) {
    throw new LogEntryError(`a body in the log cannot be unpacked: ${(error as Error).message}`);
  }
}
