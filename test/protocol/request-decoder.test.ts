import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Filter } from '../../src/ldap/filter.js';
import { controlOids } from '../../src/ldap/control.js';
import type { Request, RequestMessage, SearchRequest } from '../../src/ldap/request.js';
import { berBoolean, berElement, berEnumerated, berInteger, berOctetString, berSequence } from '../../src/ber/ber.js';
import { ProtocolError } from '../../src/protocol/errors.js';
import { RequestDecoder, RequestTag } from '../../src/protocol/request-decoder.js';
import { message as anyMessage } from './arbitraries.js';
import { encodeFilter, encodeMessage, encodeRequest, message, rawControl } from './client-messages.js';

const limits = { filterDepth: 1_000, filterTerms: 50_000 };
const decoder = new RequestDecoder(limits);

function decode(bytes: Buffer): RequestMessage {
  return decoder.decode(bytes, 0, bytes.length);
}

/** What the server must do about these bytes: `disconnect 2`, `answer search 2: invalid scope`. */
function refusal(bytes: Buffer): string {
  try {
    decode(bytes);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    const { remedy, result } = error;
    if (remedy.action === 'disconnect') return `disconnect ${result.code}`;
    return `answer ${remedy.operation} ${result.code} to ${remedy.messageId}: ${result.diagnostic}`;
  }
  return 'accepted';
}

const present: Filter = { kind: 'present', attribute: 'objectClass' };
const search: SearchRequest = {
  op: 'search',
  base: Buffer.from('dc=example'),
  scope: 'sub',
  derefAliases: 0,
  sizeLimit: 0,
  timeLimit: 10,
  typesOnly: false,
  filter: present,
  attributes: ['mailbox'],
};

/** A search request with some of its parts replaced by other bytes. */
function searchBytes(
  parts: Partial<Record<'scope' | 'deref' | 'size' | 'time' | 'types' | 'filter' | 'attributes', Buffer>>,
): Buffer {
  return berElement(
    RequestTag.search,
    berOctetString(search.base),
    parts.scope ?? berEnumerated(2),
    parts.deref ?? berEnumerated(0),
    parts.size ?? berInteger(0),
    parts.time ?? berInteger(0),
    parts.types ?? berBoolean(false),
    parts.filter ?? encodeFilter(present),
    parts.attributes ?? berSequence(),
  );
}

const inMessage = (request: Buffer, ...more: Buffer[]) => berSequence(berInteger(5), request, ...more);
const withFilter = (filter: Buffer) => inMessage(searchBytes({ filter }));
const withControls = (request: Request, ...controls: Buffer[]) =>
  inMessage(encodeRequest(request), berElement(0xa0, ...controls));

function filterOf(bytes: Buffer): Filter {
  const { request } = decode(withFilter(bytes));
  return (request as SearchRequest).filter;
}

describe('requests', () => {
  it('come back as they were sent, whatever they hold', () => {
    fc.assert(
      fc.property(anyMessage, (sent) => {
        expect(decode(encodeMessage(sent))).toEqual(sent);
      }),
      { numRuns: 1_000, seed: 1 },
    );
  });

  it('come back as they were sent also where parts of them have come before, in memory that is used again', () => {
    const decoding = new RequestDecoder(limits);
    const assertion = fc.record({
      kind: fc.constant('equality' as const),
      attribute: fc.constantFrom('mail', 'objectClass', 'delete', ''),
      value: fc
        .oneof(fc.constantFrom('TRUE', 'FALSE', '', 'x'.repeat(61)), fc.string({ maxLength: 1 }))
        .map((text) => Buffer.from(text)),
    });
    const several = fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const),
      filters: fc.array(assertion, { maxLength: 5 }),
    });
    fc.assert(
      fc.property(fc.oneof(assertion, several), (filter) => {
        const bytes = message(1, { ...search, filter });
        expect(decoding.decode(bytes, 0, bytes.length).request).toEqual({ ...search, filter });
        bytes.fill(0xff);
      }),
      { numRuns: 3_000, seed: 1 },
    );
  });

  it('hand out one object for an assertion that comes again, and keep none of the bytes it came in', () => {
    const filter = (value: string): Filter => ({ kind: 'equality', attribute: 'delete', value: Buffer.from(value) });
    const decoding = new RequestDecoder(limits);
    const decoded = (value: string): Filter => {
      const bytes = message(1, { ...search, filter: filter(value) });
      const found = (decoding.decode(bytes, 0, bytes.length).request as SearchRequest).filter;
      expect(found).toEqual(filter(value));
      return found;
    };
    const came = Array.from({ length: 4 }, () => decoded('FALSE'));
    expect(came[3]).toBe(came[2]);
    for (let n = 0; n < 5_000; n++) decoded(`nobody${n}@one.example`);
    expect(decoded('FALSE')).toBe(came[2]);
    const long = Array.from({ length: 4 }, () => decoded('x'.repeat(100)));
    expect(long[3]).not.toBe(long[2]);
  });

  it('hold views of the bytes they came in', () => {
    const bytes = message(1, { op: 'delete', entry: Buffer.from('dc=x') });
    const { request } = decode(bytes);
    expect((request as { entry: Buffer }).entry.buffer).toBe(bytes.buffer);
  });

  it('are found in the middle of a chunk', () => {
    const bytes = Buffer.concat([Buffer.from('before'), message(7, search), Buffer.from('after')]);
    expect(decoder.decode(bytes, 6, bytes.length - 5)).toEqual({ messageId: 7, request: search, controls: [] });
  });

  it('may have lengths longer than need be', () => {
    const inner = message(1, { op: 'delete', entry: Buffer.from('dc=x') }).subarray(2);
    const long = Buffer.concat([Buffer.from([0x30, 0x84, 0, 0, 0, inner.length]), inner]);
    expect(decode(long).request).toEqual({ op: 'delete', entry: Buffer.from('dc=x') });
  });

  it('may carry components that nobody knows', () => {
    const extra = berOctetString('more');
    const compare = berElement(
      RequestTag.compare,
      berOctetString('dc=x'),
      berSequence(berOctetString('cn'), berOctetString('v'), extra),
      extra,
    );
    const controls = berElement(0xa0, rawControl('1.2.3', true, undefined));
    expect(decode(inMessage(compare, controls, extra))).toEqual({
      messageId: 5,
      request: { op: 'compare', entry: Buffer.from('dc=x'), attribute: 'cn', value: Buffer.from('v') },
      controls: [{ type: 'unknown', oid: '1.2.3', critical: true, value: undefined }],
    });
  });

  it('keep an authentication choice that is not known', () => {
    const bind = berElement(RequestTag.bind, berInteger(3), berOctetString(''), berElement(0x84, Buffer.from('x')));
    expect(decode(inMessage(bind)).request).toMatchObject({ authentication: { method: 'unknown', tag: 0x84 } });
  });

  it('decode descriptions that share a cache slot or exceed it', () => {
    const attributes = Array.from({ length: 5_000 }, (_, index) => `attribute${index}`).concat('x'.repeat(500));
    expect(decode(message(1, { ...search, attributes })).request).toEqual({ ...search, attributes });
    expect(decode(message(1, { ...search, attributes })).request).toEqual({ ...search, attributes });
  });
});

describe('a request whose values are out of range is answered', () => {
  it.each([
    ['scope', { scope: berEnumerated(4) }, 'invalid scope'],
    ['negative scope', { scope: berEnumerated(-1) }, 'invalid scope'],
    ['derefAliases', { deref: berEnumerated(4) }, 'invalid deref'],
    ['size limit', { size: berInteger(-1) }, 'invalid size limit'],
    ['time limit', { time: berInteger(-5) }, 'invalid time limit'],
  ])('%s', (_, parts, diagnostic) => {
    expect(refusal(inMessage(searchBytes(parts)))).toBe(`answer search 2 to 5: ${diagnostic}`);
  });

  it('modify operation', () => {
    const attribute = berSequence(berOctetString('cn'), berElement(0x31));
    const modify = (change: Buffer) => berElement(RequestTag.modify, berOctetString('dc=x'), berSequence(change));
    expect(refusal(inMessage(modify(berSequence(berEnumerated(4), attribute))))).toBe(
      'answer modify 2 to 5: unrecognized modify operation',
    );
    expect(refusal(inMessage(modify(berSequence(berEnumerated(2), berSequence(berOctetString('cn'))))))).toBe(
      'answer modify 2 to 5: decoding modlist error',
    );
  });

  it('message ids from -1 to 2^31-1 are ids', () => {
    for (const id of [-1, 0, 1, 2 ** 31 - 1]) expect(decode(message(id, { op: 'unbind' })).messageId).toBe(id);
    expect(refusal(message(-2, { op: 'unbind' }))).toBe('disconnect 2');
    expect(refusal(Buffer.from('300902050080000000' + '4200', 'hex'))).toBe('disconnect 2');
  });
});

describe('a message whose encoding is wrong ends the connection', () => {
  it.each([
    ['no id', '3000'],
    ['id of no octets', '300402004200'],
    ['id of another type', '30050401014200'],
    ['no operation', '3003020101'],
    ['an operation nobody knows', '30050201017e00'],
    ['a response', '30050201016100'],
    ['a constructed delete', '30080201016a0364633d'],
    ['an operation longer than its message', '300502010163500000'],
    ['an empty search', '30050201016300'],
    ['an empty bind', '30050201016000'],
    ['an empty extended request', '30050201017700'],
    ['an abandon of nothing', '30050201015000'],
    ['indefinite length inside', '300b0201016380040000000000'],
    ['five octets of length inside', '300c0201014285000000000000'],
    ['a length of 2^31', '300902010142847fffffff'],
    ['an empty control', '30090201014200a0023000'],
  ])('%s', (_, hex) => {
    expect(refusal(Buffer.from(hex, 'hex'))).toBe('disconnect 2');
  });

  it.each([
    ['integers of five octets', { size: Buffer.from('02050000000001', 'hex') }],
    ['booleans of two octets', { types: Buffer.from('01020000', 'hex') }],
    ['an integer for an enumeration', { scope: berInteger(0) }],
    ['attributes that are no strings', { attributes: berSequence(berInteger(1)) }],
    ['an attribute list longer than its request', { attributes: Buffer.from('307f040161', 'hex') }],
  ])('%s', (_, parts) => {
    expect(refusal(inMessage(searchBytes(parts)))).toBe('disconnect 2');
  });

  it.each([
    ['a not of nothing', berElement(0xa2)],
    ['a not of two', berElement(0xa2, encodeFilter(present), encodeFilter(present))],
    ['an assertion without value', berElement(0xa3, berOctetString('cn'))],
    ['an assertion with too much', berElement(0xa3, berOctetString('cn'), berOctetString('x'), berOctetString('y'))],
    ['an extensible match without value', berElement(0xa9, berOctetString('cn', 0x82))],
    ['an extensible match out of order', berElement(0xa9, berOctetString('x', 0x83), berOctetString('cn', 0x82))],
    ['a constructed presence', berElement(0xa7, Buffer.from('cn')).subarray(0, 3)],
  ])('%s', (_, filter) => {
    expect(refusal(withFilter(filter))).toBe('disconnect 2');
  });
});

describe('a message cut short', () => {
  it('is refused wherever the cut is', () => {
    const control = rawControl(controlOids.pagedResults, true, berSequence(berInteger(5), berOctetString('')));
    const bytes = withControls(search, control);
    expect(refusal(bytes)).toBe('accepted');
    for (let end = 0; end < bytes.length; end++) expect(refusal(bytes.subarray(0, end)), `cut at ${end}`).toBe('disconnect 2');
  });
});

describe('filters', () => {
  it('may be empty sets', () => {
    expect(filterOf(berElement(0xa0))).toEqual({ kind: 'and', filters: [] });
    expect(filterOf(berElement(0xa1, berElement(0xa0), berElement(0xa1)))).toEqual({
      kind: 'or',
      filters: [
        { kind: 'and', filters: [] },
        { kind: 'or', filters: [] },
      ],
    });
  });

  const substrings = (...parts: Buffer[]) => berElement(0xa4, berOctetString('cn'), berSequence(...parts));
  const [initial, any, final] = [0x80, 0x81, 0x82].map((tag) => berOctetString('x', tag)) as [Buffer, Buffer, Buffer];
  it.each([
    ['a choice that nobody knows', berElement(0xaa, berOctetString('x'))],
    ['no substring', substrings()],
    ['an empty substring', substrings(berOctetString('', 0x80))],
    ['a final before an any', substrings(final, any)],
    ['two finals', substrings(final, final)],
    ['two initials', substrings(initial, initial)],
    ['an initial after an any', substrings(any, initial)],
    ['a substring choice that nobody knows', substrings(berOctetString('x', 0x83))],
    ['an extensible match of nothing', berElement(0xa9, berOctetString('x', 0x83))],
  ])('are Undefined for %s, and for that term only', (_, term) => {
    expect(filterOf(berElement(0xa1, encodeFilter(present), term))).toEqual({
      kind: 'or',
      filters: [present, { kind: 'present', attribute: '' }],
    });
  });

  function nested(depth: number): Buffer {
    let filter: Filter = present;
    for (let level = 0; level < depth; level++) filter = { kind: 'not', filter };
    return encodeFilter(filter);
  }

  it('nest as deep as the limit and no deeper', () => {
    expect(refusal(withFilter(nested(1_000)))).toBe('accepted');
    expect(refusal(withFilter(nested(1_001)))).toBe('answer search 11 to 5: filter is nested deeper than 1000');
  });

  it('nested 100,000 deep are refused at once', () => {
    // Built inside out by hand: encodeFilter would copy the growing filter 100,000 times.
    const levels = 100_000;
    const headers = Buffer.alloc(levels * 6);
    let length = 2;
    for (let level = levels - 1; level >= 0; level--) {
      headers.set([0xa2, 0x84], level * 6);
      headers.writeUInt32BE(length, level * 6 + 2);
      length += 6;
    }
    const bytes = withFilter(Buffer.concat([headers, Buffer.from([0x87, 0])]));
    const started = performance.now();
    expect(refusal(bytes)).toBe('answer search 11 to 5: filter is nested deeper than 1000');
    expect(performance.now() - started).toBeLessThan(100);
  });

  it('have a bounded number of terms', () => {
    const wide = (terms: number): Buffer => berElement(0xa0, ...new Array<Buffer>(terms).fill(encodeFilter(present)));
    expect(refusal(withFilter(wide(49_999)))).toBe('accepted');
    expect(refusal(withFilter(wide(50_000)))).toBe('answer search 11 to 5: filter has more than 50000 terms');
  });
});

describe('controls', () => {
  const whoAmI: Request = { op: 'extended', name: '1.3.6.1.4.1.4203.1.11.3', value: undefined };

  it.each([
    ['paged results without value', controlOids.pagedResults, undefined, 'paged results control value is absent'],
    ['paged results with an empty value', controlOids.pagedResults, Buffer.alloc(0), 'paged results control value is empty'],
    [
      'paged results cut short',
      controlOids.pagedResults,
      Buffer.from('3020', 'hex'),
      'paged results control could not be decoded',
    ],
    [
      'a negative page size',
      controlOids.pagedResults,
      berSequence(berInteger(-1), berOctetString('')),
      'paged results control size invalid',
    ],
    ['manageDsaIT with a value', controlOids.manageDsaIT, Buffer.from('x'), 'manageDSAit control value not absent'],
    [
      'search options without flags',
      controlOids.searchOptions,
      Buffer.from('3000', 'hex'),
      'search options control could not be decoded',
    ],
    ['dontUseCopy with a value', controlOids.dontUseCopy, Buffer.from('x'), 'dontUseCopy control value not absent'],
    ['domainScope with a value', controlOids.domainScope, Buffer.from('x'), 'domainScope control value not absent'],
    ['subentries without value', controlOids.subentries, undefined, 'subentries control value is absent'],
    ['a broken assertion', controlOids.assertion, berElement(0xa2), 'assertion control could not be decoded'],
    [
      'a broken value filter',
      controlOids.matchedValues,
      Buffer.from('3005', 'hex'),
      'matched values control could not be decoded',
    ],
    ['no sort key', controlOids.serverSideSort, berSequence(), 'server side sort control names no sort key'],
    ['no authzId', controlOids.proxiedAuthorization, undefined, 'proxied authorization control value is absent'],
  ])('%s: the request is answered', (_, oid, value, diagnostic) => {
    for (const critical of [true, false]) {
      expect(refusal(withControls(search, rawControl(oid, critical, value)))).toBe(`answer search 2 to 5: ${diagnostic}`);
    }
  });

  it('come once', () => {
    const manage = rawControl(controlOids.manageDsaIT, false, undefined);
    expect(refusal(withControls(search, manage, manage))).toBe(
      'answer search 2 to 5: manageDsaIT control specified multiple times',
    );
  });

  it('that do not go with the request are not looked into', () => {
    const value = Buffer.from('not BER');
    expect(decode(withControls(whoAmI, rawControl(controlOids.pagedResults, false, value))).controls).toEqual([
      { type: 'unknown', critical: false, oid: controlOids.pagedResults, value },
    ]);
    expect(decode(withControls({ op: 'unbind' }, rawControl(controlOids.manageDsaIT, false, undefined))).controls).toEqual([
      { type: 'unknown', critical: false, oid: controlOids.manageDsaIT, value: undefined },
    ]);
  });

  it('are bounded in number', () => {
    const many = new Array<Buffer>(65).fill(rawControl('1.2.3', false, undefined));
    expect(refusal(withControls(search, ...many))).toBe('answer search 2 to 5: more than 64 controls');
  });

  it('carry value filters of simple items only', () => {
    const item = encodeFilter({ kind: 'equality', attribute: 'cn', value: Buffer.from('x') });
    const withFilters = (...filters: Buffer[]) =>
      withControls(search, rawControl(controlOids.matchedValues, true, berSequence(...filters)));
    expect(decode(withFilters(item, encodeFilter(present))).controls).toMatchObject([
      { type: 'matchedValues', filters: [{ kind: 'equality' }, { kind: 'present' }] },
    ]);
    expect(refusal(withFilters(berElement(0xa0, item)))).not.toBe('accepted');
  });
});

describe('hostile bytes', () => {
  it('are decoded or refused, and never read beyond their message', () => {
    const seeds = fc.sample(anyMessage, { numRuns: 300, seed: 7 }).map(encodeMessage);
    let random = 12_345;
    const next = (below: number) => (random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0) % below;
    let accepted = 0;
    for (let round = 0; round < 60_000; round++) {
      const bytes = Buffer.from(seeds[round % seeds.length]!);
      for (let change = next(4); change >= 0; change--) bytes[next(bytes.length)] = next(4) === 0 ? 0xff : next(256);
      const cut = next(10) === 0 ? next(bytes.length + 1) : bytes.length;
      // A poisoned neighbourhood: what follows the message must not change what is made of it.
      const outcome = (tail: number) => refusalOrMessage(Buffer.concat([bytes.subarray(0, cut), Buffer.alloc(64, tail)]), cut);
      const first = outcome(0x30);
      expect(outcome(0x04)).toEqual(first);
      if (typeof first !== 'string') accepted++;
    }
    expect(accepted).toBeGreaterThan(1_000);
  });

  function refusalOrMessage(bytes: Buffer, end: number): RequestMessage | string {
    try {
      return decoder.decode(bytes, 0, end);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return error.message;
    }
  }
});
