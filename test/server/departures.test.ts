import { expect, it } from 'vitest';
import { Departures } from '../../src/server/departures.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function outgoing(name: string, gone: string[]): { flush(): void } {
  return { flush: () => void gone.push(name) };
}

it('flushes all at the end of the turn of the event loop, in their order', async () => {
  const departures = new Departures({ oneAtATime: false });
  const gone: string[] = [];
  for (const name of ['a', 'b', 'c']) departures.add(outgoing(name, gone));
  expect(gone).toEqual([]);
  await turn();
  expect(gone).toEqual(['a', 'b', 'c']);
  await turn();
  departures.add(outgoing('d', gone));
  await turn();
  expect(gone).toEqual(['a', 'b', 'c', 'd']);
});

it('does not gather more than a few', async () => {
  const departures = new Departures({ oneAtATime: false });
  const gone: string[] = [];
  for (let n = 0; n < 100; n++) {
    departures.add(outgoing(String(n), gone));
    expect(n + 1 - gone.length).toBeLessThan(16);
  }
  await turn();
  expect(gone).toHaveLength(100);
});

it('lets none wait while work goes on for long', () => {
  const departures = new Departures({ oneAtATime: false });
  const gone: string[] = [];
  departures.add(outgoing('a', gone));
  departures.beforeWork(performance.now() - 1);
  expect(gone).toEqual([]);
  departures.beforeWork(performance.now() + 1);
  expect(gone).toEqual(['a']);
});

it('flushes at once where requests come one at a time', () => {
  const gone: string[] = [];
  const pace = { oneAtATime: false };
  const departures = new Departures(pace);
  departures.add(outgoing('a', gone));
  pace.oneAtATime = true;
  departures.add(outgoing('b', gone));
  expect(gone).toEqual(['b']);
});
