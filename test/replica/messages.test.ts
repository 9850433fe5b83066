/** What a replica sends is what a server reads; what a server writes is what a replica reads; and nothing else passes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BerError } from '../../src/ber/ber.js';
import { parseFilter } from '../../src/filter/text.js';
import { syncOids } from '../../src/ldap/sync.js';
import { BufferPool } from '../../src/protocol/buffer-pool.js';
import { RequestDecoder } from '../../src/protocol/request-decoder.js';
import { syncDoneControl, syncStateControl } from '../../src/protocol/response-controls.js';
import { ResponseWriter } from '../../src/protocol/response-writer.js';
import { encodeBind, encodeSearch, encodeStartTls, encodeUnbind } from '../../src/replica/request-encoder.js';
import { decodeResponse, type ProviderMessage } from '../../src/replica/response-decoder.js';
import { Retries } from '../../src/replica/retries.js';
import { makeRecord, resultEntry } from '../protocol/records.js';

const decode = (bytes: Buffer) => new RequestDecoder({ filterDepth: 100, filterTerms: 1_000 }).decode(bytes, 0, bytes.length);

function received(write: (writer: ResponseWriter) => void): ProviderMessage {
  const bytes = written(write);
  return decodeResponse(bytes, 0, bytes.length);
}

function written(write: (writer: ResponseWriter) => void): Buffer {
  const writer = new ResponseWriter(new BufferPool());
  write(writer);
  return Buffer.from(writer.bytes());
}

describe("a replica's requests", () => {
  it('are read by a server', () => {
    expect(decode(encodeBind(1, 'cn=é,dc=x', 'secret'))).toEqual({
      messageId: 1,
      request: {
        op: 'bind',
        version: 3,
        name: Buffer.from('cn=é,dc=x'),
        authentication: { method: 'simple', password: Buffer.from('secret') },
      },
      controls: [],
    });
    expect(decode(encodeStartTls(2)).request).toMatchObject({ op: 'extended', name: '1.3.6.1.4.1.1466.20037' });
    expect(decode(encodeUnbind(300)).request).toEqual({ op: 'unbind' });
    const value = Buffer.from('30030a0103', 'hex');
    const search = encodeSearch(
      70_000,
      { base: 'dc=x', scope: 'children', sizeLimit: 5, timeLimit: 600, filter: parseFilter('(cn=*)'), attributes: ['*', '+'] },
      [{ oid: syncOids.request, critical: true, value }],
    );
    expect(decode(search)).toMatchObject({
      messageId: 70_000,
      request: { op: 'search', scope: 'children', derefAliases: 0, sizeLimit: 5, timeLimit: 600, attributes: ['*', '+'] },
      controls: [{ type: 'syncRequest', critical: true, value }],
    });
  });

  it.each([
    '(cn=a)',
    '(&(cn=a)(!(sn=b))(|(mail=*)(uid>=1)(uid<=2)(cn~=x)))',
    '(cn=a*b*c)',
    '(cn=*b*)',
    '(cn:dn:2.5.13.2:=x)',
    '(&)',
  ])('carry the filter %s', (text) => {
    const filter = parseFilter(text);
    const search = { base: '', scope: 'sub', sizeLimit: 0, timeLimit: 0, filter, attributes: [] } as const;
    const { request } = decode(encodeSearch(1, search));
    expect(JSON.stringify(request.op === 'search' && request.filter)).toBe(JSON.stringify(filter));
  });
});

describe("a provider's answers", () => {
  const record = makeRecord('cn=é,dc=x', { objectClass: ['top', 'person'], description: ['', 'x'.repeat(70_000)] });
  const state = { state: 'add', entryUuid: Buffer.alloc(16, 7), cookie: Buffer.from('rid=001') } as const;
  const answers: readonly ((writer: ResponseWriter) => void)[] = [
    (writer) => writer.entry(3, { ...resultEntry(record), controls: [syncStateControl(state)] }),
    (writer) => writer.intermediate(3, syncOids.info, Buffer.from('8003616263', 'hex')),
    (writer) => writer.reference(3, ['ldap://x/']),
    (writer) =>
      writer.result(3, 'search', {
        code: 0,
        matchedDN: '',
        diagnostic: '',
        controls: [syncDoneControl({ cookie: Buffer.from('c'), refreshDeletes: true })],
      }),
    (writer) => writer.bindResult(3, { code: 49, matchedDN: 'dc=x', diagnostic: 'no' }),
    (writer) => writer.noticeOfDisconnection({ code: 52, matchedDN: '', diagnostic: 'bye' }),
  ];

  it('are read', () => {
    const [entry, info, reference, done, bind, notice] = answers.map(received);
    expect(entry).toMatchObject({ messageId: 3, response: { kind: 'entry', name: Buffer.from('cn=é,dc=x') } });
    expect(entry!.response.kind === 'entry' && entry!.response.attributes.map(({ type }) => type)).toEqual([
      'objectClass',
      'description',
    ]);
    expect(entry!.controls[0]!.oid).toBe(syncOids.state);
    expect(info!.response).toEqual({ kind: 'intermediate', name: syncOids.info, value: Buffer.from('8003616263', 'hex') });
    expect(reference!.response).toEqual({ kind: 'reference' });
    expect(done).toMatchObject({ response: { kind: 'search', code: 0 }, controls: [{ oid: syncOids.done }] });
    expect(bind!.response).toEqual({ kind: 'bind', code: 49, matchedDN: 'dc=x', diagnostic: 'no' });
    expect(notice).toMatchObject({ messageId: 0, response: { kind: 'notice', code: 52 } });
  });

  it('are refused where they are cut short, or where bytes are wrong', () => {
    for (const answer of answers) {
      const bytes = written(answer);
      for (let end = 0; end < Math.min(bytes.length, 200); end++) {
        expect(() => decodeResponse(bytes.subarray(0, end), 0, end)).toThrow(BerError);
      }
      fc.assert(
        fc.property(fc.nat(Math.min(bytes.length, 200) - 1), fc.nat(255), (at, byte) => {
          const wrong = Buffer.from(bytes);
          wrong[at] = byte;
          try {
            decodeResponse(wrong, 0, wrong.length);
          } catch (error) {
            expect(error).toBeInstanceOf(BerError);
          }
        }),
      );
    }
  });

  it('are only those that a replica asks for', () => {
    for (const operation of ['add', 'compare', 'modify'] as const) {
      const answer = written((writer) => writer.result(1, operation, { code: 0, matchedDN: '', diagnostic: '' }));
      expect(() => decodeResponse(answer, 0, answer.length)).toThrow('no response that was asked for');
    }
  });
});

describe('retries', () => {
  it('go on as configured, and begin anew when it has worked', () => {
    const retries = new Retries([
      { seconds: 5, times: 2 },
      { seconds: 60, times: 1 },
    ]);
    expect([1, 2, 3, 4, 5].map(() => retries.next())).toEqual([5, 5, 60, undefined, undefined]);
    retries.reset();
    expect(retries.next()).toBe(5);
    const endless = new Retries([{ seconds: 1, times: Infinity }]);
    expect([1, 2, 3].map(() => endless.next())).toEqual([1, 1, 1]);
  });
});
