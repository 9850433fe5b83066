/** Directives that cannot be meant are refused, each with the word that is wrong. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAccessRule } from '../../src/access/parse.js';
import { AccessSyntaxError } from '../../src/access/syntax.js';
import { rules, schema, suffix } from './tree.js';

describe('refused, with the reason', () => {
  it.each([
    ['access by * read', 'expecting "to"'],
    ['access to *', 'no by clause'],
    ['access to * to * by * read', 'only one to clause'],
    ['access to by * read', 'expecting <what>'],
    ['access to * by', 'expecting <who>'],
    ['access to * by read', 'expecting <who> got "read"'],
    ['access to * by * reed', 'expecting <access> got "reed"'],
    ['access to * by * =q', 'expecting <access> got "=q"'],
    ['access to * by * read foo', 'got "foo"'],
    ['access to * dn.exact="dc=x" by * read', 'dn pattern already specified'],
    ['access to dn.foo="dc=x" by * read', 'unknown dn style "foo"'],
    ['access to dn.exact="nonsense" by * read', 'bad DN "nonsense"'],
    ['access to dn.regex="(" by * read', 'bad because of Unmatched ('],
    ['access to dn="(" by * read', 'bad because of Unmatched ('],
    ['access to foo=x by * read', 'expecting <what> got "foo=x"'],
    ['access to cn by * read', 'missing "=" in "cn"'],
    ['access to attrs=nosuch by * read', 'unknown attr "nosuch"'],
    ['access to attrs=cn,@nosuch by * read', 'unknown attr "@nosuch"'],
    ['access to filter=cn=x) by * read', 'bad filter'],
    ['access to val=x by * read', 'requires a single attribute'],
    ['access to attrs=cn,sn val=x by * read', 'requires a single attribute'],
    ['access to attrs=cn val.subtree=x by * read', 'unknown val.<style> "subtree"'],
    ['access to attrs=cn val/nosuch=x by * read', 'invalid matching rule "nosuch"'],
    ['access to attrs=lastChange val=1 by * read', 'EQUALITY'],
    ['access to attrs=accountActive val=yes by * read', '"yes" is not a valid Boolean'],
    ['access to * by dn.exact= read', 'missing "="'],
    ['access to * by dn.exact="nonsense" read', 'bad DN "nonsense"'],
    ['access to * by dn.exact,expand="dc=x" read', 'no expansions'],
    ['access to * by dn.exact,foo="dc=x" read', 'unknown modifier "foo"'],
    ['access to * by dn.regex="[" read', 'bad because of'],
    ['access to * by dn.regex="${x}" read', 'bad expansion'],
    ['access to * by dn.level{-1}="dc=x" read', 'negative level'],
    ['access to * by self.foo read', 'inappropriate style "foo"'],
    ['access to * by self users read', 'dn pattern already specified'],
    ['access to * by ssf=1 ssf=2 read', 'ssf already specified'],
    ['access to * by ssf=0 read', 'invalid ssf value (0)'],
    ['access to * by dnattr=cn read', 'does not hold DNs'],
    ['access to * by dnattr=nosuch read', 'attribute "nosuch" undefined'],
    ['access to * by group= read', 'missing "="'],
    ['access to * by group="x" read', 'bad DN "x"'],
    ['access to * by group.foo="dc=x" read', 'inappropriate style "foo"'],
    ['access to * by group/nosuch="dc=x" read', 'group objectclass "nosuch" unknown'],
    ['access to * by group/person/member="dc=x" read', 'not allowed by "person"'],
    ['access to * by group/groupOfNames/cn="dc=x" read', 'does not hold DNs'],
    ['access to * by peername.ip=1.2.3 read', 'illegal peername address "1.2.3"'],
    ['access to * by peername.ip=1.2.3.4%x read', 'illegal peername address mask "x"'],
    ['access to * by peername.ip=1.2.3.4{x} read', 'illegal peername port'],
    ['access to * by domain=example.com read', 'peername.ip='],
    ['access to * by aci read', 'not supported'],
    ['access to * by dynacl/aci=x read', 'not supported'],
    ['access to * by set="this/nosuch" read', 'unknown attribute "nosuch"'],
    ['access to * by set="this &" read', 'set ends too early'],
    ['access to * by set="this user" read', 'unexpected "user"'],
    ['access to * by set="[ldap:///dc=x??sub?(cn=x)]/cn" read', 'searches in sets are not supported'],
    [`access to * by set="${'('.repeat(70)}this${')'.repeat(70)}" read`, 'deeper than 64'],
  ])('%s', (text, reason) => {
    expect(() => rules(text)).toThrow(AccessSyntaxError);
    expect(() => rules(text)).toThrow(reason);
  });
});

describe('read with a warning', () => {
  it.each([
    [`access to dn="cn=.*,${suffix}" by * read`, 'names one entry exactly'],
    [`access to dn="^cn=.*,${suffix}$" by * read`, 'read as OpenLDAP 2.0 did'],
    [`access to * by dn="cn=.*,${suffix}" read`, 'one exact name'],
    ['access to * by dn=".*,dc=example" read', 'read as OpenLDAP 2.0 did'],
    ['access to * by dn="cn=$1,dc=example" read', 'write dn.exact,expand='],
    ['access to * by group="cn=$1,dc=example" read', '$ expanded as OpenLDAP 2.0 did'],
    ['access to dn.regex="^(.+,)*dc=x$" by * read', 'very long'],
  ])('%s', (text, warning) => {
    const warnings: string[] = [];
    rules(text, warnings);
    expect(warnings.join('\n')).toContain(warning);
  });

  it('nothing is said about what is written as slapd.access(5) has it', () => {
    const warnings: string[] = [];
    rules(
      `access to dn.regex="^(.+,)?uid=([^,]+),dc=com$" attrs=entry,cn by dn.exact,expand="uid=$2,dc=com" write
        by group/groupOfNames/member.expand="cn=$2,dc=com" =rs continue by * break`,
      warnings,
    );
    expect(warnings).toEqual([]);
  });
});

describe('any words', () => {
  const word = fc.oneof(
    fc.constantFrom('to', 'by', '*', 'self', 'users', 'read', 'write', '=r', 'stop', 'break', 'attrs=cn', 'val=x'),
    fc.constantFrom('dn="', 'dn.regex=(', 'set=', 'group/', 'group//=x', 'filter=(', 'peername.ip={', 'ssf=x'),
    fc.constantFrom('dn.level{', '=', '.', ',', 'realself', 'realdn=dc=x', 'real*'),
    fc.string({ maxLength: 12 }),
  );

  it('are read or refused with AccessSyntaxError, and nothing else happens', () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 12 }), (words) => {
        try {
          const rule = parseAccessRule(['to', ...words], { schema, file: 'x', line: 1, warn: () => undefined });
          expect(rule.by.length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(AccessSyntaxError);
        }
      }),
      { numRuns: 3_000 },
    );
  });
});
