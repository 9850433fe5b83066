/** What becomes of a command whose output cannot be written. */
import { reasonOf } from './failure.js';

const watched = new WeakSet<NodeJS.WriteStream>();

/**
 * To be called before a command begins. Where a reader has gone (`| head`) the work goes on without it: an import is not to
 * stop half way. Anything else, as a disk that is full, is told, and the command fails. `name`: of the program, in messages.
 */
export function watchOutput(name: string): void {
  for (const stream of [process.stdout, process.stderr]) {
    if (watched.has(stream)) continue;
    watched.add(stream);
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // Who listens as well deals with it.
      if (error.code === 'EPIPE' || stream.listenerCount('error') > 1) return;
      process.exitCode = 1;
      if (stream === process.stdout) process.stderr.write(`${name}: standard output cannot be written: ${reasonOf(error)}\n`);
    });
  }
}
