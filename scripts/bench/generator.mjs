/** Runs the load generator: load.c where a C compiler is, else load-worker.mjs, which costs more than it should. */
import { execFile, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export class LoadGenerator {
  #command;
  #folder;
  #files = 0;

  constructor(folder) {
    this.#folder = folder;
    const program = join(folder, 'load');
    const compiled = spawnSync('cc', ['-O2', '-o', program, join(import.meta.dirname, 'load.c')], { encoding: 'utf8' });
    this.isCompiled = compiled.status === 0;
    this.#command = this.isCompiled ? [program] : [process.execPath, join(import.meta.dirname, 'load-worker.mjs')];
  }

  /** Keeps requests in a file for send(). */
  requests(pdus) {
    const file = join(this.#folder, `requests-${++this.#files}`);
    writeFileSync(file, Buffer.concat(pdus));
    return file;
  }

  /**
   * @param options connections, depth, seconds, count, seed, inOrder, first (a file of requests()), mayFail
   * @returns operations, seconds, perSecond, entries, failed, p50Us, p99Us, maxUs
   */
  async send(port, requests, options = {}) {
    const { connections = 1, depth = 1, seconds = 1, count, seed = 1, inOrder = false, first, mayFail = false } = options;
    const [program, ...fixed] = this.#command;
    const args = [...fixed, '-c', connections, '-d', depth, '-t', seconds, '-s', seed];
    if (count !== undefined) args.push('-n', count);
    if (inOrder) args.push('-o');
    if (first !== undefined) args.push('-f', first);
    const { stdout } = await run(program, [...args, port, requests].map(String), { timeout: Math.ceil((seconds + 60) * 1000) });
    const result = JSON.parse(stdout);
    if (result.failed > 0 && !mayFail)
      throw new Error(`${result.failed} of ${result.operations} answers were failures, the last ${result.lastFailure}`);
    return result;
  }
}
