/** scripts/mailstack: starts the stack for a person, and leaves nothing behind when it is told to stop. */
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../commands/jammd.js';
import { Daemon, run } from '../support/process.js';
import { mailHostObstacle } from './mail-host.js';

describe.skipIf(mailHostObstacle())('scripts/mailstack', () => {
  test('says how to try it, works as it says, and stops', async () => {
    const stack = Daemon.start(process.execPath, [join(root, 'scripts/mailstack')]);
    try {
      await stack.waitUntil(() => stack.output.includes('Ctrl-C ends it all'), 60_000);
      const command = /nsenter .* postmap .*/.exec(stack.output)?.[0] ?? '';
      expect((await run('sh', ['-c', command])).stdout).toBe('orchard.example/ada/\n');
      expect(readdirSync(tmpdir())).toContain(folderOf(stack.output));
    } finally {
      await stack.stop('SIGINT');
    }
    expect(stack.exitCode, stack.output).toBe(0);
    expect(readdirSync(tmpdir())).not.toContain(folderOf(stack.output));
  });
});

function folderOf(output: string): string {
  return /mail log +\/.*?\/(jammd-host-\w+)\//.exec(output)?.[1] ?? 'no folder was told';
}
