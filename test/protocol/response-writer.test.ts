import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ResultCode } from '../../src/ldap/result.js';
import { BerReader, Tag } from '../../src/ber/ber.js';
import { BufferPool } from '../../src/protocol/buffer-pool.js';
import { pagedResultsResponse, postReadResponse, preReadResponse, sortResponse } from '../../src/protocol/response-controls.js';
import { ResponseWriter } from '../../src/protocol/response-writer.js';
import { decodeEntry, decodeMessages, type ReceivedMessage } from './client-messages.js';
import { makeRecord, resultEntry } from './records.js';

function written(write: (writer: ResponseWriter) => void): ReceivedMessage[] {
  const writer = new ResponseWriter(new BufferPool());
  write(writer);
  const { messages, rest } = decodeMessages(Buffer.from(writer.bytes()));
  expect(rest).toHaveLength(0);
  return messages;
}

const record = makeRecord('mail=jd@d.example', {
  objectClass: ['top', 'JammMailAccount'],
  mail: ['jd@d.example'],
  mailbox: ['x'.repeat(300)],
  description: ['é', ''],
});

describe('answers', () => {
  it('are what slapd sends for a plain success', () => {
    const writer = new ResponseWriter(new BufferPool());
    writer.result(7, 'search', { code: 0, matchedDN: '', diagnostic: '' });
    expect(writer.bytes().toString('hex')).toBe('300c02010765070a010004000400');
  });

  it('carry entries with the attributes that were chosen', () => {
    const messages = written((writer) => {
      writer.entry(1, resultEntry(record));
      writer.entry(0x7fffffff, resultEntry(record, [1, 3]));
      writer.entry(-1, resultEntry(record, []));
    });
    expect(messages).toEqual([
      {
        messageId: 1,
        type: 'entry',
        dn: 'mail=jd@d.example',
        attributes: {
          objectClass: ['top', 'JammMailAccount'],
          mail: ['jd@d.example'],
          mailbox: ['x'.repeat(300)],
          description: ['é', ''],
        },
        controls: [],
      },
      {
        messageId: 0x7fffffff,
        type: 'entry',
        dn: 'mail=jd@d.example',
        attributes: { mail: ['jd@d.example'], description: ['é', ''] },
        controls: [],
      },
      { messageId: -1, type: 'entry', dn: 'mail=jd@d.example', attributes: {}, controls: [] },
    ]);
  });

  it('carry attributes that are in no record, and controls', () => {
    const extra = [
      { type: 'hasSubordinates', values: [Buffer.from('TRUE')] },
      { type: 'cn;lang-é', values: [Buffer.alloc(70_000, 'y')] },
      { type: 'typesOnly', values: [] },
    ];
    const controls = [{ oid: '1.2.3', critical: true, value: undefined }];
    expect(written((writer) => writer.entry(3, { ...resultEntry(record, [1]), extra, controls }))).toMatchObject([
      {
        attributes: { mail: ['jd@d.example'], hasSubordinates: ['TRUE'], typesOnly: [] },
        controls: [{ oid: '1.2.3', critical: true, value: undefined }],
      },
    ]);
  });

  it('tell everything there is to tell', () => {
    const messages = written((writer) => {
      writer.reference(2, ['ldap://a/', 'ldap://b/']);
      writer.result(300, 'modify', { code: ResultCode.noSuchObject, matchedDN: 'dc=é', diagnostic: 'no such entry' });
      writer.result(4, 'add', {
        code: ResultCode.referral,
        matchedDN: '',
        diagnostic: '',
        referrals: ['ldap://a/', 'ldap://b/'],
        controls: [pagedResultsResponse(Buffer.from('next'))],
      });
      writer.bindResult(5, { code: 0, matchedDN: '', diagnostic: '', serverSaslCredentials: Buffer.from('proof') });
      writer.extendedResult(6, {
        code: 0,
        matchedDN: '',
        diagnostic: '',
        responseName: '1.2',
        responseValue: Buffer.from('dn:'),
      });
      writer.noticeOfDisconnection({ code: ResultCode.unavailable, matchedDN: '', diagnostic: 'going down' });
    });
    expect(messages).toMatchObject([
      { messageId: 2, type: 'reference', urls: ['ldap://a/', 'ldap://b/'] },
      { messageId: 300, type: 'modify', code: 32, matchedDN: 'dc=é', diagnostic: 'no such entry' },
      { messageId: 4, type: 'add', code: 10, referrals: ['ldap://a/', 'ldap://b/'], controls: [{ critical: false }] },
      { messageId: 5, type: 'bind', code: 0, serverSaslCredentials: Buffer.from('proof') },
      { messageId: 6, type: 'extended', name: '1.2', value: Buffer.from('dn:') },
      { messageId: 0, type: 'extended', code: 52, name: '1.3.6.1.4.1.1466.20036', diagnostic: 'going down' },
    ]);
  });

  it('follow one another without limit in one buffer', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat({ max: 0x7fffffff }), fc.nat({ max: 3_000 })), { maxLength: 60 }), (plan) => {
        const messages = written((writer) => {
          for (const [messageId, size] of plan) {
            writer.result(messageId, 'delete', { code: 80, matchedDN: '', diagnostic: 'z'.repeat(size) });
          }
        });
        expect(messages.map(({ messageId }) => messageId)).toEqual(plan.map(([messageId]) => messageId));
      }),
      { numRuns: 100, seed: 5 },
    );
  });
});

describe('output buffers', () => {
  it('go back to the pool and are used again', () => {
    const pool = new BufferPool();
    const writer = new ResponseWriter(pool);
    writer.result(1, 'search', { code: 0, matchedDN: '', diagnostic: '' });
    const memory = writer.bytes().buffer;
    writer.releaseBuffer();
    expect(writer.length).toBe(0);
    writer.result(2, 'search', { code: 0, matchedDN: '', diagnostic: '' });
    expect(writer.bytes().buffer).toBe(memory);
  });

  it('of both sizes go back, and larger ones are not kept', () => {
    const pool = new BufferPool();
    for (const { bytes, isKept } of [
      { bytes: 1, isKept: true },
      { bytes: 16 * 1_024 + 1, isKept: true },
      { bytes: 64 * 1_024 + 1, isKept: false },
    ]) {
      const buffer = pool.take(bytes);
      expect(buffer.length).toBeGreaterThanOrEqual(bytes);
      pool.give(buffer);
      expect(pool.take(bytes) === buffer).toBe(isKept);
    }
  });

  it('that were given away are not written to again', () => {
    const writer = new ResponseWriter(new BufferPool());
    writer.result(1, 'search', { code: 0, matchedDN: '', diagnostic: '' });
    const given = writer.bytes();
    const before = Buffer.from(given);
    writer.abandonBuffer();
    writer.result(2, 'compare', { code: 6, matchedDN: '', diagnostic: '' });
    expect(given).toEqual(before);
    expect(writer.bytes().buffer).not.toBe(given.buffer);
  });
});

describe('response controls', () => {
  it('hold the entry before and after an update', () => {
    for (const control of [preReadResponse(resultEntry(record, [1])), postReadResponse(resultEntry(record, [1]))]) {
      const reader = new BerReader(control.value!);
      reader.enter(0x64);
      expect(decodeEntry(reader)).toEqual({ dn: 'mail=jd@d.example', attributes: { mail: ['jd@d.example'] } });
      expect(reader.atEnd).toBe(true);
    }
  });

  it('hold page size estimate and cookie', () => {
    expect(pagedResultsResponse(Buffer.from('ab')).value!.toString('hex')).toBe('300702010004026162');
  });

  it('hold the sort result and the key that failed', () => {
    expect(sortResponse(0).value!.toString('hex')).toBe('30030a0100');
    const reader = new BerReader(sortResponse(18, 'cn').value!);
    reader.enter(Tag.sequence);
    expect([reader.integer(Tag.enumerated), reader.latin1(0x80)]).toEqual([18, 'cn']);
  });
});
