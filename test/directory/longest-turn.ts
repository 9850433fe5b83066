/** How long others wait, at worst, while something is done. */

/** Runs `work`; the CPU time, in milliseconds, that the longest turn of the event loop took meanwhile. */
export async function longestTurn(work: () => Promise<void>): Promise<number> {
  let longest = 0;
  let running = true;
  let since = process.cpuUsage();
  const turn = (): void => {
    const { user, system } = process.cpuUsage(since);
    longest = Math.max(longest, (user + system) / 1_000);
    since = process.cpuUsage();
    if (running) setImmediate(turn);
  };
  setImmediate(turn);
  await work();
  // Work that never waits ends before the first turn does.
  await new Promise((resolve) => setImmediate(resolve));
  running = false;
  return longest;
}
