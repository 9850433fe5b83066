import { beforeEach, expect, test } from 'vitest';
import { Wakefulness } from '../../src/server/wakefulness.js';

let clockMs: number;
let callbacks: (() => void)[];

beforeEach(() => {
  clockMs = 1_000;
  callbacks = [];
});

function wakefulness(cores: number): Wakefulness {
  return new Wakefulness(cores, { now: () => clockMs, nextTurn: (callback) => void callbacks.push(callback) });
}

/** The event loop does not sleep. */
const isAwake = (): boolean => callbacks.length > 0;

/** One turn of the event loop, `afterMs` later. */
function turn(afterMs: number): void {
  clockMs += afterMs;
  for (const callback of callbacks.splice(0)) callback();
}

/** One request, answered at once. */
function request(server: Wakefulness): void {
  server.received(clockMs);
  clockMs += 0.02;
  server.answered();
}

/** Requests that come one at a time, each 0.03 ms after the answer to the one before. */
function askSoon(server: Wakefulness, count: number): void {
  for (let asked = 0; asked < count; asked++) {
    request(server);
    turn(0.03);
  }
}

test('requests that come soon keep the process awake for the next, for a moment', () => {
  const server = wakefulness(2);
  askSoon(server, 3);
  expect(isAwake()).toBe(false);
  expect(server.oneAtATime).toBe(false);
  askSoon(server, 5);
  expect(isAwake()).toBe(true);
  expect(server.oneAtATime).toBe(true);
  turn(0.1);
  expect(isAwake()).toBe(true);
  turn(0.15);
  expect(isAwake()).toBe(false);
});

test('one that comes late lets it sleep', () => {
  const server = wakefulness(2);
  askSoon(server, 10);
  for (let asked = 0; asked < 5; asked++) {
    turn(5);
    expect(isAwake()).toBe(false);
    request(server);
    expect(isAwake()).toBe(false);
  }
  askSoon(server, 5);
  expect(isAwake()).toBe(true);
});

test('where several come at once it does not try', () => {
  const server = wakefulness(2);
  askSoon(server, 10);
  request(server);
  request(server);
  turn(0.03);
  expect(isAwake()).toBe(false);
  expect(server.oneAtATime).toBe(false);
  askSoon(server, 100);
  expect(isAwake()).toBe(false);
  expect(server.oneAtATime).toBe(false);
  askSoon(server, 200);
  expect(isAwake()).toBe(true);
});

test('on a machine with one core it never does', () => {
  const server = wakefulness(1);
  askSoon(server, 1_000);
  expect(isAwake()).toBe(false);
});
