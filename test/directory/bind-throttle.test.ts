import { describe, expect, it } from 'vitest';
import { addressPolicy, BindThrottle, entryPolicy } from '../../src/directory/logins/bind-throttle.js';

const remote = '192.0.2.7';

function throttleAt() {
  const clock = { now: 1_000 };
  const throttle = new BindThrottle(() => clock.now);
  let guess = 0;
  const fail = (times: number, name = 'cn=victim', address = remote): void => {
    for (let turn = 0; turn < times; turn++) throttle.failed(address, name, Buffer.from(`guess ${guess++}`));
  };
  return { clock, throttle, fail };
}

describe('the bind throttle', () => {
  it('lets some failures pass, then makes each wait longer than the one before, up to a bound', () => {
    const { throttle, fail } = throttleAt();
    const delays: number[] = [];
    for (let turn = 0; turn < 15; turn++) {
      delays.push(throttle.delayMs('127.0.0.1', 'cn=victim'));
      fail(1, 'cn=victim', '127.0.0.1');
    }
    expect(delays).toEqual([0, 0, 0, 0, 0, 50, 100, 200, 400, 800, 1_600, 2_000, 2_000, 2_000, 2_000]);
  });

  it('has nothing to do with other entries', () => {
    const { throttle, fail } = throttleAt();
    fail(10);
    expect(throttle.delayMs('198.51.100.1', 'cn=victim')).toBe(1_600);
    expect(throttle.delayMs('198.51.100.1', 'cn=other')).toBe(0);
  });

  it('slows an address that tries many names, but never the local mail services', () => {
    const { throttle, fail } = throttleAt();
    for (const address of [remote, '127.0.0.1', '::1', '']) {
      for (let name = 0; name < 30; name++) fail(1, `cn=${address} ${name}`, address);
    }
    expect(throttle.delayMs(remote, 'cn=new')).toBe(addressPolicy.delayMsMax);
    for (const local of ['127.0.0.1', '127.0.0.2', '::1', '']) expect(throttle.delayMs(local, 'cn=new')).toBe(0);
  });

  it('counts a wrong password that is sent again once, as Courier sends each', () => {
    const { throttle } = throttleAt();
    for (let turn = 0; turn < 50; turn++) throttle.failed(remote, 'cn=jd', Buffer.from('old password'));
    expect(throttle.delayMs(remote, 'cn=jd')).toBe(0);
    for (let turn = 0; turn < entryPolicy.freeFailures; turn++) {
      throttle.failed(remote, 'cn=jd', Buffer.from(`typo ${turn}`));
      throttle.failed(remote, 'cn=jd', Buffer.from(`typo ${turn}`));
    }
    expect(throttle.delayMs(remote, 'cn=jd')).toBe(100);
  });

  it('forgets with time, and an entry with its right password', () => {
    const { clock, throttle, fail } = throttleAt();
    fail(10);
    clock.now += 60_000;
    expect(throttle.delayMs(remote, 'cn=victim')).toBe(50);
    clock.now += 60_000;
    expect(throttle.delayMs(remote, 'cn=victim')).toBe(0);
    fail(10);
    throttle.succeeded('cn=victim');
    expect(throttle.delayMs('198.51.100.1', 'cn=victim')).toBe(0);
    fail(10, 'cn=second');
    throttle.succeeded('cn=own');
    expect(throttle.delayMs(remote, 'cn=own')).toBeGreaterThan(0);
  });

  it('remembers a bounded number of names, of bounded length', () => {
    const { throttle, fail } = throttleAt();
    const before = process.memoryUsage().heapUsed;
    for (let name = 0; name < 30_000; name++) fail(1, `cn=${name}${'x'.repeat(3_000)}`, '');
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(30_000_000);
    const long = `cn=${'y'.repeat(3_000)}`;
    fail(8, long, '');
    expect(throttle.delayMs('', long)).toBe(400);
    expect(throttle.delayMs('', `${long}y`)).toBe(0);
  });

  it('is idle until somebody fails, and a while after', () => {
    const { clock, throttle, fail } = throttleAt();
    expect(throttle.active).toBe(false);
    fail(1);
    clock.now += 600_000;
    fail(1, 'cn=later');
    expect(throttle.active).toBe(true);
    clock.now += 600_000;
    expect(throttle.active).toBe(true);
    clock.now += 600_000;
    expect(throttle.active).toBe(false);
  });
});
