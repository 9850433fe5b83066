/**
 * docs/from-openldap.md to the letter: a slapd as Debian's package installs it, with the overlays that admins add by
 * ldapmodify, moves to jammd and back. Every entry is compared with all its attributes; logins and overlays are tried on each side.
 */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { releaseMakingMs, releaseObstacle } from '../support/debian-release.js';
import { printedBlock } from '../support/documents.js';
import { admin, PackagedSlapd, suffix } from './packaged-slapd.js';

vi.setConfig({ testTimeout: releaseMakingMs });

/** `JAMMD_MOVE_ENTRIES=10000` for as many people. */
const count = Number(process.env['JAMMD_MOVE_ENTRIES'] ?? 300);

const overlays = `
dn: cn=module{0},cn=config
changetype: modify
add: olcModuleLoad
olcModuleLoad: memberof
olcModuleLoad: refint
olcModuleLoad: unique
olcModuleLoad: ppolicy

dn: olcOverlay=memberof,olcDatabase={1}mdb,cn=config
changetype: add
objectClass: olcOverlayConfig
objectClass: olcMemberOfConfig
olcOverlay: memberof
olcMemberOfRefInt: TRUE

dn: olcOverlay=refint,olcDatabase={1}mdb,cn=config
changetype: add
objectClass: olcOverlayConfig
objectClass: olcRefintConfig
olcOverlay: refint
olcRefintAttribute: manager

dn: olcOverlay=unique,olcDatabase={1}mdb,cn=config
changetype: add
objectClass: olcOverlayConfig
objectClass: olcUniqueConfig
olcOverlay: unique
olcUniqueURI: ldap:///?mail?sub

dn: olcOverlay=ppolicy,olcDatabase={1}mdb,cn=config
changetype: add
objectClass: olcOverlayConfig
objectClass: olcPPolicyConfig
olcOverlay: ppolicy
olcPPolicyDefault: cn=default,ou=policies,${suffix}
olcPPolicyHashCleartext: TRUE

dn: olcDatabase={1}mdb,cn=config
changetype: modify
add: olcDbIndex
olcDbIndex: mail eq
olcDbIndex: memberOf eq
-
add: olcLimits
olcLimits: dn.exact="uid=u1,ou=people,${suffix}" size=unlimited
`;

const user = (number: number): string => `uid=u${number},ou=people,${suffix}`;
const newcomer = `uid=new,ou=people,${suffix}`;
const group = (number: number): string => `cn=g${number},ou=groups,${suffix}`;

function* tree(): Generator<string> {
  for (const name of ['people', 'groups', 'policies'])
    yield `dn: ou=${name},${suffix}\nobjectClass: organizationalUnit\nou: ${name}\n`;
  yield (
    `dn: cn=default,ou=policies,${suffix}\nobjectClass: device\nobjectClass: pwdPolicy\ncn: default\npwdAttribute: userPassword\n` +
    'pwdMinLength: 6\npwdCheckQuality: 2\npwdInHistory: 3\npwdLockout: TRUE\npwdMaxFailure: 3\npwdLockoutDuration: 900\n'
  );
  for (let number = 1; number <= count; number++) {
    const manager = number > 1 ? `manager: ${user(number - 1)}\n` : '';
    const accent = number % 7 === 0 ? 'cn: Zoë Müller\ndescription: Straße 5, 東京\n' : '';
    yield (
      `dn: ${user(number)}\nobjectClass: inetOrgPerson\nuid: u${number}\ncn: User ${number}\n${accent}sn: U${number}\n` +
      `mail: u${number}@example.org\n${manager}userPassword: secret-${number % 10}\n`
    );
  }
  for (let number = 1; number <= Math.max(3, count / 100); number++) {
    const members = Array.from({ length: 20 }, (_, place) => `member: ${user(((number * 37 + place * 11) % count) + 1)}\n`);
    yield `dn: ${group(number)}\nobjectClass: groupOfNames\ncn: g${number}\n${members.join('')}`;
  }
}

/** What clients see, and what becomes of the tree is undone again. The codes and values are printed. */
const behaviour = `
  as() { dn=$1 password=$2; shift 2; command=$1; shift; "$command" -x -H ldap://127.0.0.1 -D "$dn" -w "$password" "$@" 2>&1; echo "= $?"; }
  search() { as '${admin}' secret ldapsearch -LLL -o ldif-wrap=no "$@" | sort; }
  modify() { as '${admin}' secret ldapmodify | grep '^='; }
  as '${user(1)}' secret-1 ldapwhoami
  as '${user(1)}' wrong ldapwhoami | grep '^='
  ldapwhoami -Y EXTERNAL -H ldapi:/// -Q
  search -b '${user(12)}' -s base memberOf
  search -b '${suffix}' '(memberOf=${group(2)})' dn
  search -b '${suffix}' '(mail=u7@example.org)' '*'
  ldapsearch -x -LLL -H ldap://127.0.0.1 -b '${user(3)}' -s base userPassword mail 2>&1
  echo 'a member comes and goes'
  printf 'dn: ${group(1)}\\nadd: member\\nmember: ${user(2)}\\n' | modify
  search -b '${user(2)}' -s base memberOf
  printf 'dn: ${group(1)}\\ndelete: member\\nmember: ${user(2)}\\n' | modify
  search -b '${user(2)}' -s base memberOf
  echo 'an address is somebody else'
  printf 'dn: ${user(2)}\\nadd: mail\\nmail: u1@example.org\\n' | modify
  echo 'somebody comes, joins, and goes'
  { printf 'dn: ${newcomer}\\nchangetype: add\\nobjectClass: inetOrgPerson\\n'
    printf 'uid: new\\ncn: n\\nsn: n\\nuserPassword: newcomer\\n'; } | modify
  { printf 'dn: ${group(1)}\\nadd: member\\nmember: ${newcomer}\\n\\n'
    printf 'dn: ${user(2)}\\nreplace: manager\\nmanager: ${newcomer}\\n'; } | modify
  search -b '${suffix}' '(member=${newcomer})' dn
  search -b '${newcomer}' -s base memberOf pwdPolicySubentry | grep -v '^dn'
  as '${newcomer}' newcomer ldappasswd -a newcomer -s short | grep '^='
  as '${newcomer}' newcomer ldappasswd -a newcomer -s long-enough | grep '^='
  as '${newcomer}' long-enough ldappasswd -a long-enough -s newcomer | grep '^='
  for i in 1 2 3; do as '${newcomer}' wrong ldapwhoami | grep '^='; done
  as '${newcomer}' long-enough ldapwhoami | grep '^='
  search -b '${newcomer}' -s base pwdAccountLockedTime | grep -c '^pwdAccountLockedTime'
  printf 'dn: ${newcomer}\\nchangetype: delete\\n' | modify
  sleep 1
  search -b '${suffix}' '(|(member=${newcomer})(manager=${newcomer}))' dn
  printf 'dn: ${user(2)}\\nreplace: manager\\nmanager: ${user(1)}\\n' | modify
`;

describe.skipIf(releaseObstacle())('the move', () => {
  describe.each(['bookworm', 'trixie'] as const)('of the slapd of Debian %s', (release) => {
    let system: PackagedSlapd;
    /** What clients saw of slapd before. */
    let seen: string;
    let moved: string;

    beforeAll(async () => {
      system = await PackagedSlapd.start(release);
      await system.must('ldapmodify -Q -Y EXTERNAL -H ldapi:///', overlays);
      await system.must(`ldapadd -x -H ldap://127.0.0.1 -D '${admin}' -w secret > /dev/null`, [...tree()].join('\n'));
      await lockOut(system);
      seen = await system.must(`set +e\n${behaviour}`);
    }, releaseMakingMs);
    afterAll(() => system.stop());

    test('jammd understands the configuration', async () => {
      const { code, stderr } = await system.script(
        await printedBlock(page, 'jammd check -F /etc/ldap/slapd.d -h "ldap:/// ldapi:///"'),
      );
      expect([code, stderr.split('\n').filter((line) => line !== '' && !line.includes('warning: '))]).toEqual([0, []]);
    });

    test('every entry arrives with all its attributes', async () => {
      await system.must(
        await printedBlock(page, 'install -d -m 0700 -o jammd -g jammd /etc/jammd /var/lib/jammd /var/lib/jammd/data'),
      );
      const told = await system.script(await printedBlock(page, 'systemctl disable --now slapd'));
      expect(told.code, told.stderr).toBe(0);
      expect(told.stderr).toMatch(/^[\d,]+ entries loaded$/m);
      expect(told.stderr).not.toContain('left out');
      moved = await system.must('slapcat -F /etc/ldap/slapd.d -n 1');
      const exported = await system.must('runuser -u jammd -- jammd export -q -F /etc/jammd/slapd.d');
      expect(entries(exported)).toEqual(entries(moved));
      expect(entries(moved).length).toBeGreaterThan(count);
      expect(moved).toContain('\npwdAccountLockedTime: ');
    });

    test('clients see the same, and then once more when all has gone back', async () => {
      await system.write('/etc/systemd/system/jammd.service.d/override.conf', await printedBlock(page, '[Service]'));
      await system.must('systemctl enable --now jammd.socket jammd');
      expect(await system.must(`set +e\n${behaviour}`)).toBe(seen);
      const back = await printedBlock(page, 'systemctl disable --now jammd.socket jammd');
      await system.must(back);
      const exported = await system.must('runuser -u jammd -- jammd export -q -F /etc/jammd/slapd.d');
      expect(entries(await system.must('slapcat -F /etc/ldap/slapd.d -n 1'))).toEqual(entries(exported));
      expect(await system.must(`set +e\n${behaviour}`)).toBe(seen);
    });

    test('it can be read by LDAP, too', async () => {
      const printed = await printedBlock(page, byLdap);
      const block = printed.replaceAll(' -W ', ' -w secret ').replace('ldap://old.example', 'ldap://127.0.0.1');
      await system.must(`
        find /var/lib/jammd/data -mindepth 1 -delete
        : > /run/jammd-3890.log
        setsid runuser -u jammd -- jammd serve -F /etc/jammd/slapd.d -h ldap://127.0.0.1:3890/ >> /run/jammd-3890.log 2>&1 &
        until grep -q 'listening on' /run/jammd-3890.log; do sleep 0.05; kill -0 $!; done
        cd /tmp
        ${block.replace('ldap://new.example', 'ldap://127.0.0.1:3890')}`);
      const [theirs, ours] = await Promise.all(
        [389, 3890].map((port) =>
          system.must(
            `ldapsearch -x -LLL -o ldif-wrap=no -H ldap://127.0.0.1:${port} -D '${admin}' -w secret -E pr=500/noprompt ` +
              `-b '${suffix}' '*' memberOf structuralObjectClass pwdPolicySubentry`,
          ),
        ),
      );
      expect(entries(ours!)).toEqual(entries(theirs!));
      await system.script('pkill -u jammd');
    });
  });
});

const byLdap =
  'read_old() { ldapsearch -x -LLL -H ldap://old.example -D cn=admin,dc=example,dc=org -W -b dc=example,dc=org "$@"; }';

const page = 'from-openldap.md';

/** An account that is locked keeps its state. */
async function lockOut(system: PackagedSlapd): Promise<void> {
  for (let attempt = 0; attempt < 3; attempt++) {
    await system.script(`ldapwhoami -x -H ldap://127.0.0.1 -D '${user(5)}' -w wrong`);
  }
  await system.script(`ldappasswd -x -H ldap://127.0.0.1 -D '${user(6)}' -w secret-6 -s another-one`);
}

/** By name, with their attributes in any order. */
function entries(ldif: string): string[] {
  return ldif
    .replaceAll('\n ', '')
    .split('\n\n')
    .filter((entry) => entry.trim() !== '')
    .map((entry) =>
      entry
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('#'))
        .sort()
        .join('\n'),
    )
    .sort();
}
