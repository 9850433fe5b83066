/** Handles output that cannot be written. */
import { reasonOf } from './failure.js';

const watched = new WeakSet<NodeJS.WriteStream>();

/**
 * Call it before a command begins. If the reader has gone (`| head`) the work continues without it: an import must not
 * stop half way. Anything else, such as a full disk, is reported, and the command fails. `name`: of the program, in messages.
 */
export function watchOutput(name: string): void {
  for (const stream of [process.stdout, process.stderr]) {
    if (watched.has(stream)) continue;
    watched.add(stream);
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // Another listener deals with it.
      if (error.code === 'EPIPE' || stream.listenerCount('error') > 1) return;
      process.exitCode = 1;
      if (stream === process.stdout) process.stderr.write(`${name}: cannot write to standard output: ${reasonOf(error)}\n`);
    });
  }
}
