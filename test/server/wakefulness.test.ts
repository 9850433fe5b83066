import { expect, test } from 'vitest';
import { Wakefulness } from '../../src/server/wakefulness.js';

/** While an immediate is pending the event loop does not sleep. */
const isAwake = (): boolean => process.getActiveResourcesInfo().includes('Immediate');

/** One request, answered at once, in a turn of the event loop of its own. */
function request(wakefulness: Wakefulness): Promise<void> {
  wakefulness.received(performance.now());
  wakefulness.answered();
  return new Promise((resolve) => process.nextTick(resolve));
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Requests one soon after the other. A machine that has other things to do may make one late: then once more. */
async function askSoon(wakefulness: Wakefulness, count: number): Promise<boolean> {
  for (let asked = 0; asked < count; asked++) {
    await request(wakefulness);
    if (isAwake()) return true;
    await turn();
  }
  return false;
}

test('requests that come soon keep the process awake for the next, for a moment', async () => {
  const wakefulness = new Wakefulness(2);
  expect(await askSoon(wakefulness, 1_000)).toBe(true);
  await pause(20);
  expect(isAwake()).toBe(false);
});

test('one that comes late lets it sleep', async () => {
  const wakefulness = new Wakefulness(2);
  expect(await askSoon(wakefulness, 1_000)).toBe(true);
  for (let asked = 0; asked < 5; asked++) {
    await pause(5);
    await request(wakefulness);
    expect(isAwake()).toBe(false);
  }
});

test('where several come at once it does not try', async () => {
  const wakefulness = new Wakefulness(2);
  expect(await askSoon(wakefulness, 1_000)).toBe(true);
  await request(wakefulness);
  await request(wakefulness);
  await pause(20);
  for (let asked = 0; asked < 50; asked++) {
    await request(wakefulness);
    expect(isAwake()).toBe(false);
  }
});

test('on a machine with one core it never does', async () => {
  expect(await askSoon(new Wakefulness(1), 1_000)).toBe(false);
});
