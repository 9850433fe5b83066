/** The values of RFC 4533's controls and messages: bytes that slapd sends and takes, and everything there and back. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BerError } from '../../src/ber/ber.js';
import { parseSyncCookie, writeSyncCookie } from '../../src/ldap/sync-cookie.js';
import type { SyncInfo } from '../../src/ldap/sync.js';
import {
  decodeSyncDone,
  decodeSyncInfo,
  decodeSyncRequest,
  decodeSyncState,
  encodeSyncDone,
  encodeSyncInfo,
  encodeSyncRequest,
  encodeSyncState,
} from '../../src/protocol/sync-values.js';

const bytes = (max: number) => fc.uint8Array({ maxLength: max }).map((array) => Buffer.from(array));
const cookie = fc.option(bytes(200), { nil: undefined });
const uuid = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((array) => Buffer.from(array));
const info: fc.Arbitrary<SyncInfo> = fc.oneof(
  fc.record({ kind: fc.constant('newCookie' as const), cookie: bytes(200) }),
  fc.record({
    kind: fc.constantFrom('refreshDelete' as const, 'refreshPresent' as const),
    cookie,
    refreshDone: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('syncIdSet' as const),
    cookie,
    refreshDeletes: fc.boolean(),
    entryUuids: fc.array(uuid, { maxLength: 20 }),
  }),
);

describe('values of content synchronisation', () => {
  it('go there and back', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('refreshOnly' as const, 'refreshAndPersist' as const),
        cookie,
        fc.boolean(),
        (mode, one, hint) => {
          const request = { mode, cookie: one, reloadHint: hint };
          expect(decodeSyncRequest(encodeSyncRequest(request))).toEqual(request);
          const done = { cookie: one, refreshDeletes: hint };
          expect(decodeSyncDone(encodeSyncDone(done))).toEqual(done);
        },
      ),
    );
    fc.assert(
      fc.property(
        fc.constantFrom('present' as const, 'add' as const, 'modify' as const, 'delete' as const),
        uuid,
        cookie,
        (state, entryUuid, one) => {
          const value = { state, entryUuid, cookie: one };
          expect(decodeSyncState(encodeSyncState(value))).toEqual(value);
        },
      ),
    );
    fc.assert(
      fc.property(info, (one) => {
        expect(decodeSyncInfo(encodeSyncInfo(one))).toEqual(one);
      }),
    );
  });

  it('are the bytes of the RFC', () => {
    const request = Buffer.from('300c0a0103040772' + '69643d303031', 'hex');
    expect(decodeSyncRequest(request)).toEqual({ mode: 'refreshAndPersist', cookie: Buffer.from('rid=001'), reloadHint: false });
    expect(encodeSyncInfo({ kind: 'refreshPresent', cookie: undefined, refreshDone: true }).toString('hex')).toBe('a200');
    expect(encodeSyncInfo({ kind: 'refreshDelete', cookie: Buffer.from('x'), refreshDone: false }).toString('hex')).toBe(
      'a106040178010100',
    );
    expect(encodeSyncInfo({ kind: 'newCookie', cookie: Buffer.from('x') }).toString('hex')).toBe('800178');
    expect(encodeSyncDone({ cookie: undefined, refreshDeletes: false }).toString('hex')).toBe('3000');
  });

  it('are refused where they are not what they should be', () => {
    const refused = [
      () => decodeSyncRequest(Buffer.from('30030a0102', 'hex')),
      () => decodeSyncRequest(Buffer.from('30060a0103020101', 'hex')),
      () => decodeSyncState(Buffer.from('30060a0101040141', 'hex')),
      () => decodeSyncInfo(Buffer.from('840178', 'hex')),
      () => decodeSyncInfo(Buffer.alloc(0)),
    ];
    for (const attempt of refused) expect(attempt).toThrow(BerError);
  });
});

describe('a sync cookie', () => {
  it('is written and read as slapd does', () => {
    const csn = '20261123110000.123456Z#000000#001#000000';
    expect(writeSyncCookie('007', 1, [csn])).toBe(`rid=007,sid=001,csn=${csn}`);
    expect(writeSyncCookie(undefined, 0, [csn])).toBe(`csn=${csn}`);
    const read = parseSyncCookie(`rid=007,sid=001,csn=${csn};20261123110001.000000Z#000000#002#000000`);
    expect([read.rid, read.isWhole, read.seen.size]).toEqual(['007', true, 2]);
    expect(parseSyncCookie('rid=001')).toMatchObject({ rid: '001', isWhole: true });
    expect(parseSyncCookie('')).toMatchObject({ rid: undefined, isWhole: true });
    for (const text of ['nonsense', 'csn=yesterday', 'rid=001,csn=']) expect(parseSyncCookie(text).isWhole).toBe(false);
  });
});
