/**
 * Reads sockets into memory that all of them share. Otherwise Node allocates 64 KiB for every read, trims it to what came,
 * and leaves it to the garbage collector: for small requests that is a large part of the work.
 *
 * net.Socket offers this as an option of its constructor (`onread`), but net.Server constructs its sockets itself. So the
 * connection is moved to a second net.Socket by way of the handle that both wrap. Node's TLS and cluster modules move
 * handles in the same way, but it is not documented. Without such a handle nothing is done.
 */
import { Socket, type OnReadOpts, type SocketConstructorOpts } from 'node:net';

/** As much as Node reads at once. */
const readBytes = 64 * 1_024;
/** A read is copied out of here before the next one begins. */
const readBuffer = Buffer.allocUnsafeSlow(readBytes);

interface Handle {
  useUserBuffer(buffer: Uint8Array): void;
}

interface HandleHolder {
  _handle: Handle | null | undefined;
}

type MovedSocketOptions = SocketConstructorOpts & { readonly handle: Handle; readonly onread: OnReadOpts };

/**
 * A socket in place of an accepted one that has not been read from yet; undefined where that one must be used as it is.
 * `onChunk` takes what comes, in memory of its own, and there are no `data` events.
 */
export function withSharedReads(accepted: Socket, onChunk: (chunk: Buffer) => void): Socket | undefined {
  const holder = accepted as unknown as HandleHolder;
  const handle = holder._handle;
  if (typeof handle?.useUserBuffer !== 'function' || accepted.bytesRead > 0) return undefined;
  const callback = (length: number): boolean => {
    const chunk = Buffer.allocUnsafe(length);
    readBuffer.copy(chunk, 0, 0, length);
    onChunk(chunk);
    return true;
  };
  // Without its handle it closes nothing when it goes, and its server knows that it has gone.
  holder._handle = null;
  accepted.destroy();
  const options: MovedSocketOptions = { handle, onread: { buffer: readBuffer, callback } };
  return new Socket(options);
}
