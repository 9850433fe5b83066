/** What rules grant where slapacl cannot be asked: connections, identities, values one by one, the ends of the list. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Privilege, type AccessTarget, type Subject } from '../../src/access/model.js';
import { AccessPolicy, grantEverything } from '../../src/access/policy.js';
import { DN } from '../../src/dn/dn.js';
import {
  account,
  allowed,
  description,
  entry,
  environment,
  evaluator,
  hosting,
  levels,
  records,
  rules,
  schema,
  subject,
  suffix,
} from './tree.js';

const ada = account('ada', 'a.example');
const al = account('al', 'a.example');

function granted(text: string, who: Subject, dn = ada, target = 'cn', value?: string): string {
  return allowed(evaluator(text, who), entry(dn), target, value);
}

describe('the ends of the list', () => {
  it('no rules at all: everybody reads, nobody writes', () => {
    expect(granted('', subject(undefined))).toBe(levels.read);
    expect(granted('', subject(ada))).toBe(levels.read);
  });

  it('what no rule speaks of is denied once there is a rule', () => {
    expect(granted('access to attrs=mail by * write', subject(ada))).toBe(levels.none);
  });

  it('privileges gathered by rules that all break are worth nothing', () => {
    expect(granted('access to * by * write break', subject(ada))).toBe(levels.none);
  });

  it('the rule that matches ends with "by * none", whatever "continue" gathered', () => {
    expect(granted('access to * by * read continue by dn.exact="cn=x,dc=example" +w', subject(ada))).toBe(levels.none);
  });

  it('grantEverything allows whatever it is asked', () => {
    expect(allowed(grantEverything, entry(ada), 'userPassword')).toBe(levels.manage);
    expect(grantEverything.dependsOnValues).toBe(false);
  });
});

describe('identities', () => {
  const proxied = { ...subject(al), realDn: DN.parse(ada, schema) };

  it('real conditions look at the name that was bound', () => {
    const text = 'access to * by realself write by self read by * none';
    expect(granted(text, proxied, ada)).toBe(levels.write);
    expect(granted(text, proxied, al)).toBe(levels.read);
    expect(granted(text, subject(al), al)).toBe(levels.write);
  });

  it('realanonymous and realusers', () => {
    const text = 'access to * by realanonymous auth by realusers read';
    expect(granted(text, subject(undefined))).toBe(levels.auth);
    expect(granted(text, proxied)).toBe(levels.read);
    expect(granted(text, { ...subject(al), realDn: DN.empty })).toBe(levels.auth);
  });

  it('users that a regular expression names: dn.regex=".+" is everybody who is bound', () => {
    const text = 'access to * by dn.regex=".+" read by * none';
    expect(granted(text, subject(al))).toBe(levels.read);
    expect(granted(text, subject(undefined))).toBe(levels.none);
  });

  it('what is taken over from a name is taken as it is, not as an expression', () => {
    // `mail=a.` would match `mail=al` if the dot of the entry's name were one of the expression.
    const text = `access to dn.regex="^mail=([^@]+)@" by dn.regex="^mail=$1@a" write by * none`;
    expect(granted(text, subject(ada), ada)).toBe(levels.write);
    const dotted = 'access to dn.regex="^jvd=([^,]+)," by dn.regex="jvd=$1" write by * none';
    expect(granted(dotted, subject(`jvd=aXexample,${hosting}`), `jvd=a.example,${hosting}`)).toBe(levels.none);
    expect(granted(dotted, subject(ada), `jvd=a.example,${hosting}`)).toBe(levels.write);
  });

  it('a pattern that comes out empty lets nobody in', () => {
    const text = 'access to dn.regex="^mail=(x?)" by dn.subtree,expand="$1" write by * none';
    expect(granted(text, subject(undefined))).toBe(levels.none);
    expect(granted(text, subject(ada))).toBe(levels.none);
  });

  it('a group that is no entry of the class has no members, even where it is the entry asked about', () => {
    const group = `cn=admins,${suffix}`;
    expect(granted(`access to * by group="${group}" write by * none`, subject(ada), group)).toBe(levels.write);
    const wrongClass = `access to * by group/groupOfUniqueNames/uniqueMember="${group}" write by * none`;
    expect(granted(wrongClass, subject(ada), group)).toBe(levels.none);
    const postmaster = `access to * by group/jammPostmaster/roleOccupant="${group}" write by * none`;
    expect(granted(postmaster, subject(ada), group)).toBe(levels.none);
  });
});

describe('connections', () => {
  const cases: readonly [string, Partial<Subject>, boolean][] = [
    ['peername.ip=127.0.0.1', {}, true],
    ['peername.ip=127.0.0.1{40000}', {}, true],
    ['peername.ip=127.0.0.1{40001}', {}, false],
    ['peername.ip=127.0.0.0%255.255.255.0', {}, true],
    ['peername.ip=10.0.0.0%255.0.0.0', {}, false],
    ['peername.ip=127.0.0.1', { peerName: 'IP=[::1]:40000' }, false],
    ['peername.ipv6=::1', { peerName: 'IP=[::1]:40000' }, true],
    ['peername.ipv6=2001:db8::%ffff:ffff::', { peerName: 'IP=[2001:db8:5::9]:1' }, true],
    ['peername.ipv6=2001:db8::%ffff:ffff::', { peerName: 'IP=[2001:db9::9]:1' }, false],
    ['peername.path=/run/ldapi', { peerName: 'PATH=/run/ldapi' }, true],
    ['peername.path=/run/ldapi', { peerName: 'PATH=/run/other' }, false],
    ['peername="ip=127.0.0.1:40000"', {}, true],
    ['peername.regex="^IP=127\\\\.0\\\\."', {}, true],
    ['peername=*', {}, true],
    ['sockurl="LDAP://127.0.0.1:389/"', {}, true],
    ['sockurl.regex="^ldaps:"', {}, false],
    ['sockname="IP=127.0.0.1:389"', { sockName: 'IP=127.0.0.1:389' }, true],
    ['sockname="IP=127.0.0.1:389"', {}, false],
    ['ssf=128', { ssf: 256 }, true],
    ['ssf=128', { ssf: 71 }, false],
    ['tls_ssf=1 transport_ssf=71', { tlsSsf: 256, transportSsf: 71 }, true],
    ['tls_ssf=1 transport_ssf=71', { tlsSsf: 0, transportSsf: 71 }, false],
    ['sasl_ssf=1', { saslSsf: 0 }, false],
  ];

  it.each(cases)('by %s with %o: %s', (who, connection, holds) => {
    const text = `access to * by ${who} read by * none`;
    expect(granted(text, subject(undefined, connection))).toBe(holds ? levels.read : levels.none);
  });
});

describe('single values', () => {
  const group = `cn=admins,${suffix}`;

  it('selfwrite: one may add and remove oneself', () => {
    const text = 'access to attrs=member by users selfwrite by * read';
    expect(granted(text, subject(al), group, 'member', al)).toBe(levels.write);
    expect(granted(text, subject(al), group, 'member', al.toUpperCase().replaceAll(',', ' , '))).toBe(levels.write);
    expect(granted(text, subject(al), group, 'member', ada)).toBe(levels.read);
    expect(granted(text, subject(al), group, 'member')).toBe(levels.read);
  });

  it('dnattr with selfwrite holds for oneself, listed or not', () => {
    const text = 'access to attrs=member by dnattr=member selfwrite by * none';
    expect(granted(text, subject(al), group, 'member', al)).toBe(levels.write);
    expect(granted(text, subject(ada), group, 'member', al)).toBe(levels.none);
  });

  it('a rule on a value is passed over where no value is asked about', () => {
    const text = 'access to attrs=cn val="Ada" by * none\naccess to * by * read';
    expect(granted(text, subject(undefined), ada, 'cn')).toBe(levels.read);
    expect(granted(text, subject(undefined), ada, 'cn', 'ADA')).toBe(levels.none);
    expect(granted(text, subject(undefined), ada, 'cn', 'Ada Lovelace')).toBe(levels.read);
  });

  it.each([
    ['access to attrs=cn val="Ada" by * none\naccess to * by * read', undefined, true],
    ['access to attrs=member by users selfwrite by * read', al, true],
    // Clauses that cannot hold for anonymous make nothing depend on values for anonymous.
    ['access to attrs=member by users selfwrite by * read', undefined, false],
    ['access to * by self write by * read', al, false],
  ])('dependsOnValues of %s for %s', (text, who, expected) => {
    expect(evaluator(text, subject(who)).dependsOnValues).toBe(expected);
  });
});

describe('options of attributes', () => {
  it.each([
    ['description', 'description;lang-en', true],
    ['description;lang-en', 'description;lang-en', true],
    ['description;lang-en', 'description', false],
    ['description;lang-en', 'description;lang-de', false],
    ['name', 'cn;lang-en', true],
    ['@person', 'description;lang-en', true],
  ])('attrs=%s speaks of %s: %s', (written, asked, speaks) => {
    const text = `access to attrs=${written} by * none\naccess to * by * read`;
    expect(granted(text, subject(undefined), ada, asked)).toBe(speaks ? levels.none : levels.read);
  });
});

describe("the server's own attributes", () => {
  it('may be written as far as rules are concerned: the schema check refuses it', () => {
    const text = 'access to * by * none';
    expect(granted(text, subject(ada), ada, 'entryUUID')).toBe('az');
    expect(granted(text, subject(ada), ada, 'entry')).toBe('');
  });
});

describe('what is remembered', () => {
  const text = `
access to attrs=cn val.regex="^a" by self write by * none
access to dn.regex=".*,jvd=([^,]+),o=hosting" attrs=userPassword,mail by self write
  by group/jammPostmaster/roleOccupant.expand="cn=postmaster,jvd=$1,${hosting}" +w break by anonymous auth
access to filter=(accountActive=TRUE) by dnattr=roleOccupant write by set="this/-1 & user/-1" +r break
  by * +s continue by users +c break
access to dn.subtree="${hosting}" by peername.ip=127.0.0.1 +x by * read
access to * by * none
`;
  const policy = new AccessPolicy(rules(text), schema);
  const attributes = ['cn', 'mail', 'userPassword', 'roleOccupant'].map(description);
  const targets: AccessTarget[] = ['entry', 'children', ...attributes];
  const question = fc.record({
    entry: fc.constantFrom(...records),
    target: fc.constantFrom(...targets),
    privilege: fc.constantFrom(...Object.values(Privilege)),
    value: fc.constantFrom(undefined, Buffer.from('Ada'), Buffer.from('Bob')),
  });
  const who = fc.constantFrom(subject(undefined), subject(ada), subject(al), subject(account('bob', 'b.example')));

  it('never changes an answer: one evaluator and a new one for each question agree', () => {
    fc.assert(
      fc.property(who, fc.array(question, { minLength: 1, maxLength: 30 }), (asker, questions) => {
        const one = policy.evaluator(asker, environment);
        for (const { entry, target, privilege, value } of questions) {
          const fresh = new AccessPolicy(rules(text), schema).evaluator(asker, environment);
          expect(one.allows(entry, target, privilege, value)).toBe(fresh.allows(entry, target, privilege, value));
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('sets', () => {
  it('that grow without end do not match', () => {
    const many = `([${'x'.repeat(10)}]${'+ (user/-* | this/-*)'.repeat(12)})`;
    expect(granted(`access to * by set="${many}" write by * read`, subject(ada))).toBe(levels.read);
  });

  it('follow a cycle of names once', () => {
    const text = `access to * by set="[cn=postmaster,jvd=a.example,${hosting}]/roleOccupant* & user" write by * none`;
    expect(granted(text, subject(ada))).toBe(levels.write);
    expect(granted(text, subject(al))).toBe(levels.none);
  });

  it('with user in them never hold for anonymous', () => {
    expect(granted('access to * by set="user | [x]" write by * none', subject(undefined))).toBe(levels.none);
    expect(granted('access to * by set="this | [x]" write by * none', subject(undefined))).toBe(levels.write);
  });
});
