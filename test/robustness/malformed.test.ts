/** Bytes that are no LDAP, or nearly: each is answered as RFC 4511 says and leaves the server as it was. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { berBoolean, berElement, berEnumerated, berInteger, berOctetString, berSequence } from '../../src/ber/ber.js';
import { message } from '../protocol/client-messages.js';
import type { RawClient } from '../server/raw-client.js';
import { abandon, bind, extended, remove } from '../server/requests.js';
import { people, places } from '../support/hosting-tree.js';
import { inParallel, Installation, type JammdServer, mailLookup, searchAll, seededRandom, wholeSubtree } from './jammd-server.js';

let installation: Installation;
let server: JammdServer;

beforeAll(async () => {
  installation = await Installation.make();
  server = await installation.start();
  await server.noteState();
});
afterEach(() => server.expectUnharmed());
afterAll(async () => {
  await server.stop();
  await installation.expectSound();
  await installation.remove();
});

const hex = (digits: string): Buffer => Buffer.from(digits.replaceAll(' ', ''), 'hex');
const request = (messageId: Buffer, ...content: readonly Buffer[]): Buffer => berSequence(messageId, ...content);
const noticeOid = '1.3.6.1.4.1.1466.20036';

/** The parts of a search request, to be put together wrongly. */
const searchHead = [
  berOctetString(places.suffix),
  berEnumerated(0),
  berEnumerated(0),
  berInteger(0),
  berInteger(0),
  berBoolean(false),
];
const present = berElement(0x87, Buffer.from('objectClass'));
const search = (...content: readonly Buffer[]): Buffer => berElement(0x63, ...content);
const goodSearch = search(...searchHead, present, berSequence());

describe('what makes no sense from here on', () => {
  it.each([
    ['no LDAP at all', Buffer.from('GET / HTTP/1.0\r\n\r\n')],
    ['a TLS greeting on a plain port', hex('16 03 01 00 05 01 00 00 01 00')],
    ['an outer set', hex('31 05 02 01 01 42 00')],
    ['a primitive sequence', hex('10 05 02 01 01 42 00')],
    ['an indefinite length', hex('30 80 02 01 01 42 00 00 00')],
    ['the reserved length form', hex('30 ff 02 01 01 42 00')],
    ['a length in five octets', hex('30 85 00 00 00 00 05 02 01 01 42 00')],
    ['a length of 2^63 in eight octets', hex('30 88 80 00 00 00 00 00 00 00')],
    ['an empty message', hex('30 00')],
    ['a message id alone', hex('30 03 02 01 01')],
    ['no message id', hex('30 02 42 00')],
    ['a message id of no octets', hex('30 04 02 00 42 00')],
    ['a message id of the wrong type', hex('30 05 04 01 01 42 00')],
    ['a message id of 2^31', request(hex('02 05 00 80 00 00 00'), goodSearch)],
    ['a message id of 2^63', request(hex('02 09 00 80 00 00 00 00 00 00 00'), goodSearch)],
    ['a message id of -2^31', request(hex('02 04 80 00 00 00'), goodSearch)],
    ['a message id that leaves its message', hex('30 03 02 7f 01')],
    ['an unknown application tag', request(berInteger(1), hex('7d 00'))],
    ['a response instead of a request', request(berInteger(1), berElement(0x65, hex('0a 01 00 04 00 04 00')))],
    ['a tag number in several octets', request(berInteger(1), hex('7f 81 00 00'))],
    ['an operation beyond its message', hex('30 06 02 01 01 63 7f 04')],
    ['an operation of indefinite length', hex('30 09 02 01 01 63 80 04 00 00 00')],
    ['an operation of negative length', hex('30 0a 02 01 01 63 84 ff ff ff ff 04')],
    ['an operation of 2^31 bytes', hex('30 0a 02 01 01 63 84 80 00 00 00 04')],
    ['a base beyond its request', request(berInteger(1), search(hex('04 7f 64 63')))],
    ['a base of 2^32 - 1 bytes', request(berInteger(1), search(hex('04 84 ff ff ff ff 64')))],
    ['a request without its last part', request(berInteger(1), search(...searchHead, present))],
    [
      'an attribute list that overstates its length',
      request(berInteger(1), search(...searchHead, present, hex('30 7f 04 01 61'))),
    ],
    ['a filter beyond its request', request(berInteger(1), search(...searchHead, hex('a0 7f 87 01 61')))],
    [
      'an enumeration of no octets',
      request(berInteger(1), search(berOctetString(''), hex('0a 00'), ...searchHead.slice(2), present, berSequence())),
    ],
    [
      'a size limit in nine octets',
      request(
        berInteger(1),
        search(
          ...searchHead.slice(0, 3),
          hex('02 09 01 00 00 00 00 00 00 00 00'),
          ...searchHead.slice(4),
          present,
          berSequence(),
        ),
      ),
    ],
    [
      'a boolean of two octets',
      request(berInteger(1), search(...searchHead.slice(0, 5), hex('01 02 ff ff'), present, berSequence())),
    ],
    ['a control without an OID', berSequence(berInteger(1), goodSearch, hex('a0 02 30 00'))],
    ['an abandon of no octets', request(berInteger(1), hex('50 00'))],
  ])('%s: protocolError, Notice of Disconnection, the end', async (_, bytes) => {
    const client = await server.connect();
    client.send(mailLookup(7, people.user.mail), bytes, mailLookup(8, people.user.mail));
    await client.untilClosed();
    const summary = client.summary();
    expect(summary.slice(0, 2)).toEqual(['7 entry', '7 search 0']);
    expect(summary).not.toContain('8 search 0');
    const last = client.messages.at(-1)!;
    expect(last).toMatchObject({ messageId: 0, type: 'extended', code: 2, name: noticeOid });
    expect(summary).toHaveLength(3);
  });

  it.each([
    ['one byte more than an anonymous client may send', hex('30 83 04 00 00')],
    ['2^31 - 1 bytes', hex('30 84 7f ff ff ff')],
  ])('a promise of %s: adminLimitExceeded before any of it is kept', async (_, bytes) => {
    const client = await server.connect();
    await client.send(bytes).untilClosed();
    expect(client.messages).toMatchObject([{ messageId: 0, code: 11, name: noticeOid }]);
  });
});

describe('what is whole as a message and wrong inside', () => {
  const deep = (depth: number): Buffer => {
    let filter: Buffer = present;
    // Lengths grow on the way out: built from headers to keep it linear.
    const headers: Buffer[] = [];
    let length = filter.length;
    for (let level = 0; level < depth; level++) {
      const header = hex(`a2 83 ${length.toString(16).padStart(6, '0')}`);
      headers.push(header);
      length += header.length;
    }
    filter = Buffer.concat([...headers.reverse(), filter]);
    return filter;
  };

  it.each([
    ['an unknown scope', search(berOctetString(''), berEnumerated(9), ...searchHead.slice(2), present, berSequence()), 2],
    [
      'a negative size limit',
      search(...searchHead.slice(0, 3), berInteger(-1), ...searchHead.slice(4), present, berSequence()),
      2,
    ],
    // Both are Undefined for slapd: they match nothing.
    ['an unknown kind of filter', search(...searchHead, berElement(0xae, present), berSequence()), 0],
    [
      'a substring filter of nothing',
      search(...searchHead, berElement(0xa4, berOctetString('cn'), berSequence()), berSequence()),
      0,
    ],
    ['a base in broken UTF-8', search(berOctetString(hex('63 6e 3d ff fe')), ...searchHead.slice(1), present, berSequence()), 34],
    ['a base that is no name', search(berOctetString('no name at all'), ...searchHead.slice(1), present, berSequence()), 34],
    ['a filter nested beyond the limit', search(...searchHead, deep(2_000), berSequence()), 11],
    ['a filter nested 50,000 deep', search(...searchHead, deep(50_000), berSequence()), 11],
    [
      'a filter of too many terms',
      search(...searchHead, berElement(0xa1, Buffer.concat(Array.from({ length: 15_000 }, () => present))), berSequence()),
      11,
    ],
    [
      'a substring filter of too many parts',
      search(
        ...searchHead,
        berElement(
          0xa4,
          berOctetString('cn'),
          berElement(0x30, Buffer.concat(Array.from({ length: 20_000 }, () => hex('81 01 61')))),
        ),
        berSequence(),
      ),
      11,
    ],
  ])('%s: answered, and the connection goes on', async (_, operation, code) => {
    const client = await server.connect();
    client.send(request(berInteger(1), operation), mailLookup(2, people.user.mail));
    await client.receive(3);
    expect(client.summary()).toEqual([`1 search ${code}`, '2 entry', '2 search 0']);
    client.end();
  });

  it('filters nested 100,000 deep fit no anonymous request; a logged-in user is told the limit', async () => {
    const bytes = request(berInteger(2), search(...searchHead, deep(100_000), berSequence()));
    const stranger = await server.connect();
    await stranger.send(bytes).untilClosed();
    expect(stranger.summary()).toEqual(['0 extended 11']);
    const client = await server.connect();
    await client.send(bind(1, people.user.dn, people.user.password)).receive(1);
    await client.send(bytes, mailLookup(3, people.user.mail)).receive(4);
    expect(client.summary()).toEqual(['1 bind 0', '2 search 11', '3 entry', '3 search 0']);
    client.end();
  });

  it('invalid UTF-8 in every text a request has', async () => {
    const bad = hex('ff fe 80');
    const client = await server.connect();
    client.send(
      request(berInteger(1), berElement(0x60, berInteger(3), berOctetString(bad), berOctetString('x', 0x80))),
      remove(2, `cn=\ufffd,${places.suffix}`),
      request(
        berInteger(3),
        berElement(0x6e, berOctetString(places.suffix), berSequence(berOctetString(bad), berOctetString(bad))),
      ),
      message(4, { ...wholeSubtree, filter: { kind: 'equality', attribute: 'mail', value: bad }, attributes: [] }),
      mailLookup(5, people.user.mail),
    );
    await client.receive(6);
    const expected = ['1 bind 34', '2 delete 8', '3 compare 17', '4 search 0', '5 entry', '5 search 0'];
    expect(client.summary().sort()).toEqual(expected);
    client.end();
  });

  it('trailing bytes after an operation, which RFC 4511 leaves room for', async () => {
    const client = await server.connect();
    client.send(request(berInteger(1), search(...searchHead, present, berSequence(), hex('04 03 61 62 63'))));
    await client.receive(2);
    expect(client.summary()).toEqual(['1 entry', '1 search 0']);
    client.end();
  });
});

describe('sizes', () => {
  it('a request of exactly the limit is taken, one byte more is not', async () => {
    const limit = 262_143;
    const sized = (content: number): Buffer => {
      const bytes = message(1, { op: 'extended', name: '1.2.3', value: Buffer.alloc(content) });
      return bytes;
    };
    let padding = limit - 40;
    while (sized(padding).length - 5 < limit) padding += limit - (sized(padding).length - 5);
    expect(sized(padding).length - 5).toBe(limit);
    const client = await server.connect();
    await client.send(sized(padding)).receive(1);
    expect(client.summary()).toEqual(['1 extended 2']);
    await client.send(sized(padding + 1)).untilClosed();
    expect(client.summary().at(-1)).toBe('0 extended 11');
  });

  it('hundreds of peers that promise the limit and send half of it', async () => {
    const half = Buffer.concat([hex('30 83 03 ff ff'), Buffer.alloc(131_000)]);
    const clients: RawClient[] = [];
    for (let n = 0; n < 300; n++) clients.push((await server.connect()).send(half));
    await server.expectAnswer();
    for (const client of clients) client.end();
  });
});

describe('mutations of real requests', () => {
  const seeds = (round: number): Buffer[] => [
    mailLookup(2, people.user.mail),
    // A name of its own each time: failed logins for one name would be slowed down.
    bind(2, `mail=m${round}@one.example,${places.one}`, 'wrong'),
    remove(2, people.user.dn),
    abandon(2, 1),
    extended(2, '1.3.6.1.4.1.4203.1.11.1', berSequence(berOctetString(people.user.dn, 0x80), berOctetString('x', 0x82))),
    message(2, { op: 'compare', entry: Buffer.from(people.user.dn), attribute: 'userPassword', value: Buffer.from('x') }),
    message(2, {
      op: 'modify',
      object: Buffer.from(people.user.dn),
      changes: [{ operation: 'replace', attribute: { type: 'description', values: [Buffer.from('x')] } }],
    }),
    message(2, { op: 'add', entry: Buffer.from(`cn=x,${places.one}`), attributes: [{ type: 'cn', values: [Buffer.from('x')] }] }),
    message(2, {
      op: 'modifyDN',
      entry: Buffer.from(people.user.dn),
      newRDN: Buffer.from('mail=x'),
      deleteOldRDN: true,
      newSuperior: Buffer.from(places.two),
    }),
    message(2, {
      ...wholeSubtree,
      filter: {
        kind: 'and',
        filters: [
          { kind: 'or', filters: [{ kind: 'not', filter: { kind: 'present', attribute: 'mail' } }] },
          { kind: 'substrings', attribute: 'mail', initial: Buffer.from('u'), any: [Buffer.from('e')], final: Buffer.from('e') },
          { kind: 'extensible', rule: '2.5.13.2', attribute: 'cn', value: Buffer.from('x'), dnAttributes: true },
        ],
      },
      attributes: ['*', '+'],
    }),
    berSequence(
      berInteger(2),
      goodSearch,
      berElement(
        0xa0,
        berSequence(
          berOctetString('1.2.840.113556.1.4.319'),
          berBoolean(true),
          berOctetString(berSequence(berInteger(5), berOctetString(''))),
        ),
      ),
    ),
    searchAll(2),
  ];

  const mutate = (seed: Buffer, random: (below: number) => number, from: number): Buffer => {
    const bytes = Buffer.from(seed);
    for (let change = random(4); change >= 0; change--) {
      bytes[from + random(bytes.length - from)] = random(3) === 0 ? [0, 0x7f, 0x80, 0xff, 0x84][random(5)]! : random(256);
    }
    return bytes;
  };

  it('inside their frame, 30,000 of them, ten on one connection', async () => {
    const random = seededRandom(1);
    let sent = 0;
    await inParallel(3_000, 16, async (round) => {
      const kinds = seeds(round);
      const bytes = Array.from({ length: 10 }, (_, n) => mutate(kinds[(round + n) % kinds.length]!, random, 2));
      sent += bytes.length;
      const client = await server.connect();
      client.send(...bytes);
      client.socket.end();
      await client.untilClosed();
    });
    expect(sent).toBe(30_000);
  }, 90_000);

  it('of any byte, and cut anywhere, 3,000 of them on as many connections', async () => {
    const random = seededRandom(2);
    await inParallel(3_000, 16, async (round) => {
      const kinds = seeds(round);
      const bytes = mutate(kinds[round % kinds.length]!, random, 0);
      const client = await server.connect();
      client.send(bytes.subarray(0, random(4) === 0 ? random(bytes.length) : bytes.length));
      client.socket.end();
      await client.untilClosed();
    });
  }, 60_000);
});
