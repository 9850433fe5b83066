import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LdifError } from '../../src/ldif/errors.js';
import { readLdif, type LdifReaderOptions } from '../../src/ldif/reader.js';
import type { LdifRecord } from '../../src/ldif/record.js';

async function read(text: string | Buffer | (string | Buffer)[], options?: LdifReaderOptions): Promise<LdifRecord[]> {
  const records: LdifRecord[] = [];
  for await (const record of readLdif(Array.isArray(text) ? text : [text], options)) records.push(record);
  return records;
}

const bytes = (text: string): Buffer => Buffer.from(text);

describe('entries', () => {
  test('are read with folded lines, comments, blank lines, base64 and any line end', async () => {
    const text = [
      '# a comment',
      ' that goes on',
      'version: 1',
      '',
      '',
      'dn:   cn=a,',
      '  dc=x',
      '# between',
      'objectClass:person',
      'CN : a ',
      'cn;lang-en:: w6k=',
      'description:',
      'cn: b',
      'description::',
      '',
      'DN:: Y249w6k=',
      'sn: x',
    ];
    const expected: LdifRecord[] = [
      {
        kind: 'content',
        dn: bytes('cn=a, dc=x'),
        line: 6,
        attributes: [
          { type: 'objectClass', values: [bytes('person')] },
          { type: 'CN', values: [bytes('a '), bytes('b')] },
          { type: 'cn;lang-en', values: [bytes('é')] },
          { type: 'description', values: [bytes(''), bytes('')] },
        ],
      },
      { kind: 'content', dn: bytes('cn=é'), line: 16, attributes: [{ type: 'sn', values: [bytes('x')] }] },
    ];
    expect(await read(text.join('\n'))).toEqual(expected);
    expect(await read(`${text.join('\r\n')}\r\n\r\n`)).toEqual(expected);
  });

  test('the version may stand right before the first entry', async () => {
    expect(await read('version: 1\ndn: cn=a\ncn: a\n')).toMatchObject([{ kind: 'content', dn: bytes('cn=a') }]);
  });

  test('an empty text has none', async () => {
    expect(await read('')).toEqual([]);
    expect(await read('\n\n# nothing\n\n')).toEqual([]);
  });

  test('any other first attribute than dn is refused', async () => {
    await expect(read('cn: a\n')).rejects.toThrow('line 1: a record must start with "dn:"');
    await expect(read('version: 2\ndn: cn=a\n')).rejects.toThrow('line 1: unknown LDIF version "2"');
  });
});

describe('change records', () => {
  test('of every kind', async () => {
    const records = await read(`dn: cn=a
control: 1.2.3 true: v
control: 1.2.4 false:: dg==
control: 1.2.5
changetype: add
cn: a

dn: cn=a
changetype: delete

dn: cn=a
changetype: Modify
add: cn
CN: b
cn: c
-
replace: sn
- 
delete: description
-
increment: uidNumber
uidNumber: 1

dn: cn=a
changetype: modrdn
newrdn: cn=b
deleteoldrdn: 1

dn: cn=a
changetype: moddn
newrdn: cn=b
deleteoldrdn: 0
newsuperior: dc=y
`);
    const dn = bytes('cn=a');
    expect(records).toEqual([
      {
        kind: 'add',
        dn,
        line: 1,
        controls: [
          { oid: '1.2.3', critical: true, value: bytes('v') },
          { oid: '1.2.4', critical: false, value: bytes('v') },
          { oid: '1.2.5', critical: false, value: undefined },
        ],
        attributes: [{ type: 'cn', values: [bytes('a')] }],
      },
      { kind: 'delete', dn, line: 8, controls: [] },
      {
        kind: 'modify',
        dn,
        line: 11,
        controls: [],
        changes: [
          { operation: 'add', attribute: { type: 'cn', values: [bytes('b'), bytes('c')] } },
          { operation: 'replace', attribute: { type: 'sn', values: [] } },
          { operation: 'delete', attribute: { type: 'description', values: [] } },
          { operation: 'increment', attribute: { type: 'uidNumber', values: [bytes('1')] } },
        ],
      },
      { kind: 'modrdn', dn, line: 24, controls: [], newRDN: bytes('cn=b'), deleteOldRDN: true, newSuperior: undefined },
      { kind: 'modrdn', dn, line: 29, controls: [], newRDN: bytes('cn=b'), deleteOldRDN: false, newSuperior: bytes('dc=y') },
    ]);
  });

  test.each([
    ['changetype: foo', 'line 2: unknown changetype "foo"'],
    ['changetype: delete\ncn: x', 'line 3: unexpected line after the end of the change'],
    ['changetype: modify\nadd: cn\nsn: x', 'line 4: a value of "sn" in a change of "cn"'],
    ['changetype: modify\nremove: cn', 'line 3: a change must be add, delete, replace or increment, not "remove"'],
    ['changetype: modify\nadd:', 'line 3: no attribute after "add:"'],
    ['changetype: modrdn', 'line 2: the record ends before "newrdn:"'],
    ['changetype: modrdn\nnewrdn: cn=b', 'line 3: the record ends before "deleteoldrdn:"'],
    ['changetype: modrdn\nnewrdn: cn=b\ndeleteoldrdn: 2', 'line 4: "deleteoldrdn:" must be 0 or 1'],
    ['changetype: modrdn\ndeleteoldrdn: 0', 'line 3: expected "newrdn:"'],
    ['control: x\nchangetype: delete', 'line 2: a control must be'],
    ['control: 1.2.3\ncn: a', 'line 1: "control:" without'],
    ['changetype: add\nfoo', 'line 3: no ":" after the attribute'],
    ['changetype: add\n: x', 'line 3: no attribute before the ":"'],
    ['changetype: add\ncn:: a', 'line 3: the value is not base64'],
    ['changetype: add\ncn:: !!!!', 'line 3: the value is not base64'],
    ['changetype: add\ncn:< file:///etc/hostname', 'line 3: values from files'],
  ])('%j is refused with its line', async (rest, message) => {
    await expect(read(`dn: cn=a\n${rest}\n`)).rejects.toThrow(LdifError);
    await expect(read(`dn: cn=a\n${rest}\n`)).rejects.toThrow(message);
  });
});

describe('values from files', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'jammd-ldif-'));
    writeFileSync(join(folder, 'photo'), Buffer.from([0, 1, 255]));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  const entry = (name: string): string => `dn: cn=a\njpegPhoto:< ${pathToFileURL(join(folder, name)).href}\n`;

  test('are read where that is allowed', async () => {
    expect(await read(entry('photo'), { fileUrls: true })).toMatchObject([
      { attributes: [{ type: 'jpegPhoto', values: [Buffer.from([0, 1, 255])] }] },
    ]);
  });

  test('must be readable, ordinary and not too long', async () => {
    await expect(read(entry('absent'), { fileUrls: true })).rejects.toThrow('line 2: cannot read file://');
    await expect(read(entry(''), { fileUrls: true })).rejects.toThrow('not a regular file');
    await expect(read('dn: cn=a\ncn:< http://x/\n', { fileUrls: true })).rejects.toThrow('line 2: cannot read http://x/');
    writeFileSync(join(folder, 'long'), Buffer.alloc(1_001));
    const limits = { lineBytes: 1_000, recordBytes: 1_000 };
    await expect(read(entry('long'), { fileUrls: true, limits })).rejects.toThrow('longer than 1000 bytes');
  });
});

describe('what is wrong', () => {
  test('ends the reading unless somebody takes the errors', async () => {
    const text = 'dn: cn=a\nfoo\n\n folded\ndn: cn=x\n\ndn: cn=b\ncn: b\n';
    await expect(read(text)).rejects.toThrow('line 2');
    const errors: string[] = [];
    const records = await read(text, { onError: (error) => errors.push(error.message) });
    expect(records.map(({ dn }) => dn.toString())).toEqual(['cn=b']);
    expect(errors).toEqual(['line 2: no ":" after the attribute', 'line 4: a continuation line without a line before it']);
  });

  test('lines and records are bounded, however the text is cut', async () => {
    const limits = { lineBytes: 20, recordBytes: 50 };
    await expect(read(`dn: cn=a\n\ncn: ${'a'.repeat(30)}\n`, { limits })).rejects.toThrow('line 3: longer than 20 bytes');
    await expect(read(['dn: ', 'a'.repeat(10), 'b'.repeat(10)], { limits })).rejects.toThrow('line 1: longer than 20 bytes');
    const folded = `dn: cn=a\n${' 0123456789\n'.repeat(5)}`;
    await expect(read(folded, { limits })).rejects.toThrow('line 5: the record is longer than 50 bytes');
    expect(await read(`dn: cn=a\ncn: ${'a'.repeat(16)}\n\n`.repeat(20), { limits })).toHaveLength(20);
  });
});

describe('properties', () => {
  const text = 'version: 1\r\n\r\ndn: cn=a,\n dc=x\ncn:: w6k=\n# c\n d\nsn: b\n\ndn: cn=c\nchangetype: delete';

  test('how the text is cut into pieces makes no difference', async () => {
    const whole = await read(text);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(text.length)), async (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), text.length];
        expect(await read(places.slice(1).map((end, index) => text.slice(places[index], end)))).toEqual(whole);
      }),
    );
  });

  test('arbitrary bytes are read or refused with an LdifError', async () => {
    const unit = fc.constantFrom(
      ...['dn', ':', ': ', '::', '\n', '\n', '\r\n', ' ', '-', 'changetype: modify', 'add: cn', 'cn: a', 'é', '\0', '#', 'YQ=='],
    );
    const pieces = fc.array(
      fc.oneof(
        unit.map((word) => Buffer.from(word)),
        fc.uint8Array({ maxLength: 5 }).map((raw) => Buffer.from(raw)),
      ),
    );
    await fc.assert(
      fc.asyncProperty(pieces, async (chunks) => {
        try {
          await read(chunks);
        } catch (error) {
          expect(error).toBeInstanceOf(LdifError);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
