import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // Many tests wait for the programs they drive: two files at a time, also where vitest's own count is one.
    maxWorkers: Math.max(2, availableParallelism() - 1),
  },
});
