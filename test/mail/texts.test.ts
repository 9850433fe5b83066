/** The texts people and servers write: names, addresses, destinations, quotas, CSV. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseDestinations, parseDomain, parseNewLocalPart } from '../../src/mail/address.js';
import { readAccountsCsv } from '../../src/mail/account-csv.js';
import { MailError } from '../../src/mail/errors.js';
import { defaultMailbox } from '../../src/mail/mailboxes.js';
import { escapeDnValue, HostingTree, leafRdn, rdnsOf, sameDn } from '../../src/mail/names.js';
import { parseQuota } from '../../src/mail/quota.js';
import { displayQuota } from '../../src/mail/sizes.js';

describe('names', () => {
  test('whatever a value holds, its name reads back as that value and no other part changes', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(text, text, (address, domain) => {
        const dn = new HostingTree('o=hosting,dc=myhosting,dc=example').mail(address, domain);
        expect(rdnsOf(dn)?.map(({ type, value }) => [type, value])).toEqual([
          ['mail', address],
          ['jvd', domain],
          ['o', 'hosting'],
          ['dc', 'myhosting'],
          ['dc', 'example'],
        ]);
      }),
    );
  });
  test('an escaped value holds no separator', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        expect(escapeDnValue(value)).not.toMatch(/[,+"<>;=#]/);
      }),
    );
  });
  test.each([
    ['mail=com\\,ma@x.example,jvd=x', 'com,ma@x.example'],
    ['mail=com\\2Cma@x.example,jvd=x', 'com,ma@x.example'],
    ['mail=a\\2Bb@x.example,jvd=x', 'a+b@x.example'],
    ['MAIL=\\C3\\BC,jvd=x', 'ü'],
  ])('%s names %s', (dn, value) => {
    expect(leafRdn(dn)).toEqual({ type: 'mail', value, parent: 'jvd=x' });
  });
  test('names with several parts in one RDN are not of this tree', () => {
    expect(rdnsOf('cn=a+mail=b,o=hosting')).toBeUndefined();
  });
  test('case, blanks and the spelling of escapes do not make names differ', () => {
    expect(sameDn('mail=A\\+b@X.example, JVD=x.example', 'MAIL=a\\2Bb@x.example,jvd=X.EXAMPLE')).toBe(true);
    expect(sameDn('mail=a,o=x', 'mail=b,o=x')).toBe(false);
  });
});

describe('addresses', () => {
  test.each([
    ['Example.COM', 'example.com'],
    [' example.com. ', 'example.com'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['例え.example', 'xn--r8jz45g.example'],
  ])('the domain %s is %s', (typed, stored) => {
    expect(parseDomain(typed)).toBe(stored);
  });
  test.each([
    '',
    'example',
    '-a.example',
    'a..example',
    'a b.example',
    'a/b.example',
    '127.0.0.1',
    'user@example.com',
    `${'a'.repeat(64)}.example`,
    'a_b.example',
    '[::1]',
  ])('“%s” is no domain', (typed) => {
    expect(() => parseDomain(typed)).toThrow(MailError);
  });
  test('anything typed is either refused with a reason or safe to store', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }), (typed) => {
        let local: string;
        try {
          local = parseNewLocalPart(typed, 'x.example');
        } catch (error) {
          expect(error).toBeInstanceOf(MailError);
          return;
        }
        expect(local).toMatch(/^[!-~]{1,64}$/);
        expect(local).not.toMatch(/["\\<>@]/);
        // Below the mail home, in the domain's own folder, and nowhere else.
        const mailbox = defaultMailbox(local, 'x.example');
        expect(mailbox).toMatch(/^x\.example\/[a-z0-9._+=%-]+\/$/);
        expect(mailbox.split('/')[1]).not.toMatch(/^\.+$/);
      }),
    );
  });
  test('destinations come with commas and lines, once each, and keep plain names', () => {
    expect(parseDestinations(' a@x.example,b@X.example\n\n,A@x.example\r\npostmaster')).toEqual([
      'A@x.example',
      'b@x.example',
      'postmaster',
    ]);
    expect(() => parseDestinations('fine@x.example, not fine@x.example')).toThrow(/“not fine@x.example”/);
  });
  test('semicolons separate them too, as mail programs write lists', () => {
    expect(parseDestinations('a@x.example; b@x.example;c@x.example;')).toEqual(['a@x.example', 'b@x.example', 'c@x.example']);
    expect(parseDestinations('a@x.example;b@x.example')).toEqual(['a@x.example', 'b@x.example']);
    expect(parseDestinations('postmaster; a@x.example')).toEqual(['postmaster', 'a@x.example']);
    expect(parseDestinations('semi;colon@x.example')).toEqual(['semi;colon@x.example']);
  });
});

describe('quotas', () => {
  test.each([
    ['500', '524288000S'],
    ['500 MB', '524288000S'],
    ['0.5g', '536870912S'],
    ['1,5 GB', '1610612736S'],
    ['', ''],
    ['1000S,5C', '1000S,5C'],
  ])('%s is stored as %s', (typed, stored) => {
    expect(parseQuota(typed)).toBe(stored);
  });
  test('what is shown reads back as what is stored', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 48 }), (bytes) => {
        expect(parseQuota(displayQuota(`${bytes}S`))).toBe(`${bytes}S`);
      }),
    );
  });
  test.each(['lots', '-5', '5 XB', '1e9'])('%s is refused', (typed) => {
    expect(() => parseQuota(typed)).toThrow(MailError);
  });
});

describe('CSV', () => {
  test('fields survive quoting, whatever is in them', () => {
    const field = fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => text.replaceAll('\r', '').trim());
    const quote = (text: string): string => `"${text.replaceAll('"', '""')}"`;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(field, field), { minLength: 1, maxLength: 10 }),
        fc.constantFrom(',', ';', '\t'),
        (rows, separator) => {
          const text =
            ['address', 'name'].join(separator) +
            '\n' +
            rows.map(([address, name]) => [quote(`a${address}`), quote(name)].join(separator)).join('\r\n');
          expect(readAccountsCsv(text).map(({ account }) => [account.address, account.name])).toEqual(
            rows.map(([address, name]) => [`a${address}`.trim(), name]),
          );
        },
      ),
    );
  });
  test('nothing, only names of columns, and an open quotation mark are told', () => {
    expect(() => readAccountsCsv('')).toThrow(/It is empty/);
    expect(() => readAccountsCsv('address,name\n')).toThrow(/nothing below/);
    expect(() => readAccountsCsv('a\nb,"open\n')).toThrow(/opened in line 2/);
  });
  test('made passwords differ and are long', () => {
    const [one, two] = readAccountsCsv('a\nb\n');
    expect(one?.account.password).toMatch(/^([A-Za-z0-9]{5}-){3}[A-Za-z0-9]{5}$/);
    expect(one?.account.password).not.toBe(two?.account.password);
  });
});
