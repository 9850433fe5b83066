/** A worker thread of the slow hashes: one task at a time, answered in turn. */
import { parentPort } from 'node:worker_threads';
import { computeSlowHash, type SlowHashReply, type SlowHashTask } from './slow-hash.js';

const port = parentPort;
if (!port) throw new Error('src/password/worker.ts is run as a worker thread only');

port.on('message', (task: SlowHashTask) => {
  void reply(task).then((answer) => port.postMessage(answer));
});

async function reply(task: SlowHashTask): Promise<SlowHashReply> {
  try {
    return { done: true, result: await computeSlowHash(task) };
  } catch (error) {
    return { done: false, message: error instanceof Error ? error.message : String(error) };
  }
}
