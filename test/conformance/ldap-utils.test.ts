/**
 * OpenLDAP's own command line tools against slapd and jammd in turn: the same command lines have to print the same and
 * exit with the same code. What is left out of the comparison: diagnostic texts, times, UUIDs, CSNs and cookies.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hosting, manager, managerPassword, suffix } from '../support/howto.js';
import { domainDn, people, postmasterGroup } from '../support/hosting-tree.js';
import { ldapTool, type Identity } from '../support/ldap-utils.js';
import { requirePrograms } from '../support/programs.js';
import { serverKinds, type ReferenceServer, type ServerKind } from '../support/reference-server.js';
import { startContestant } from './servers.js';

const tools = [
  'ldapsearch',
  'ldapmodify',
  'ldapadd',
  'ldapmodrdn',
  'ldapdelete',
  'ldapcompare',
  'ldapwhoami',
  'ldappasswd',
  'ldapexop',
];
const asManager: Identity = { dn: manager, password: managerPassword };
const one = domainDn('one.example');
const domain = domainDn('tools.example');
const at = (local: string): string => `mail=${local}@tools.example,${domain}`;
const { user, neighbour, postmaster } = people;

interface Command {
  readonly tool: string;
  readonly args: readonly string[];
  readonly as?: Identity;
  readonly input?: string;
}

const run = (as: Identity | undefined, tool: string, args: readonly string[], input?: string): Command => ({
  tool,
  args,
  ...(as === undefined ? {} : { as }),
  ...(input === undefined ? {} : { input }),
});
const search = (...args: readonly string[]): Command => run(undefined, 'ldapsearch', args);
const managed = (...args: readonly string[]): Command => run(asManager, 'ldapsearch', args);
const modify = (args: readonly string[], ldif: string, as: Identity = asManager): Command => run(as, 'ldapmodify', args, ldif);
const replace = (dn: string, type: string, value: string): string =>
  `dn: ${dn}\nchangetype: modify\nreplace: ${type}\n${type}: ${value}\n`;

const account = (local: string, more = ''): string => `dn: ${at(local)}
objectClass: top
objectClass: JammMailAccount
homeDirectory: /home/vmail/domains
mailbox: tools.example/${local}/
accountActive: TRUE
lastChange: 1020000000
delete: FALSE
${more}`;

const domainEntry = `dn: ${domain}
objectClass: top
objectClass: JammVirtualDomain
accountActive: TRUE
lastChange: 1
delete: FALSE
editAccounts: TRUE
editPostmasters: TRUE
`;

const commands: readonly Command[] = [
  // ldapsearch: scopes, attributes, output forms.
  search('-b', one, '-s', 'base'),
  search('-b', one, '-s', 'one', '(mail=user*)'),
  search('-b', one, '-s', 'sub', '(mail=user@one.example)', 'mail', 'mailbox'),
  search('-b', one, '-s', 'children', '(mail=user@one.example)', '1.1'),
  search('-LLL', '-b', user.dn, '-s', 'base', '*', '+'),
  search('-LL', '-b', user.dn, '-s', 'base', '+'),
  search('-L', '-b', user.dn, '-s', 'base', 'MAIL', 'mail', 'Mail'),
  search('-A', '-LLL', '-b', user.dn, '-s', 'base'),
  search('-u', '-LLL', '-b', user.dn, '-s', 'base', 'mail'),
  search('-t', '-LLL', '-b', user.dn, '-s', 'base', 'mail'),
  search('-LLL', '-b', user.dn, '-s', 'base', 'noSuchAttribute'),
  search('-LLL', '-b', user.dn, '-s', 'base', '@JammMailAccount'),
  search('-LLL', '-b', '', '-s', 'base', 'namingContexts', 'supportedLDAPVersion', 'subschemaSubentry'),
  search('-LLL', '-b', '', '-s', 'base'),
  search('-LLL', '-b', '', '(objectClass=*)'),
  search('-LLL', '-b', 'cn=Subschema', '-s', 'base', 'cn', 'objectClass'),
  search('-LLL', '-b', `mail=nobody,${one}`, '-s', 'base'),
  search('-LLL', '-b', 'dc=outside'),
  search('-LLL', '-b', 'nonsense'),
  search('-LLL', '-b', hosting, '(mail=nobody@nowhere.example)'),
  search('-LLL', '-b', hosting, '(mail=a'),
  search('-LLL', '-b', hosting, 'mail=user@one.example', 'mail'),
  search('-LLL', '-b', hosting, '-z', '1', '(mail=user@one.example)', 'mail'),
  search('-LLL', '-b', user.dn, '-s', 'base', '-z', '1', '-l', '5', 'mail'),
  search('-LLL', '-b', hosting, '-a', 'always', '(mail=user@one.example)', 'mail'),
  search('-LLL', '-b', hosting, '-S', 'mail', `(&(mail=*)(objectClass=JammMailAlias))`, 'mail'),
  search('-LLL', '-b', hosting, '-S', '', '(objectClass=JammVirtualDomain)', 'jvd'),
  search('-LLL', '-b', one, '-M', '-s', 'base', 'jvd'),
  search('-LLL', '-b', one, '-MM', '-s', 'base', 'jvd'),
  search('-LLL', '-P', '2', '-b', one, '-s', 'base', 'jvd'),
  search('-LLL', '-Z', '-b', one, '-s', 'base', 'jvd'),
  search('-LLL', '-ZZ', '-b', one, '-s', 'base', 'jvd'),
  run(user, 'ldapsearch', ['-LLL', '-b', hosting, '(userPassword=*)', 'mail']),
  run({ dn: user.dn, password: 'wrong' }, 'ldapsearch', ['-b', one]),
  run({ dn: 'nonsense', password: 'x' }, 'ldapsearch', ['-b', one]),

  run(asManager, 'ldapadd', [], domainEntry),
  run(asManager, 'ldapadd', ['-v'], account('v')),
  run(
    asManager,
    'ldapadd',
    ['-c'],
    [
      account('a', 'description: one\ndescription: two\n'),
      account('a'),
      account('b'),
      'dn: nonsense\nobjectClass: top\n',
      account('c', 'noSuch: x\n'),
      account('d', 'description;lang-en: english\ndescription:: w6TDtg==\n'),
    ].join('\n'),
  ),
  run(asManager, 'ldapadd', [], [account('stop'), account('stop'), account('never')].join('\n')),
  run(asManager, 'ldapadd', ['-n'], account('notreally')),
  run(undefined, 'ldapadd', [], account('anonymous')),
  run(user, 'ldapadd', [], account('byuser')),

  // ldapsearch -E: each extension, critical and not.
  managed('-LLL', '-b', domain, '-E', 'pr=2/noprompt', '(mail=*)', 'mail'),
  managed('-LLL', '-b', domain, '-E', '!pr=100/noprompt', '(mail=*)', 'mail'),
  managed('-b', domain, '-E', 'pr=2/noprompt', '(mail=*)', '1.1'),
  managed('-LLL', '-b', at('a'), '-E', 'mv=((description=one))', 'description'),
  managed('-LLL', '-b', at('a'), '-E', '!mv=((description=o*)(mail=*))', 'description', 'mail'),
  managed('-LLL', '-b', domain, '-E', 'subentries=true', '(objectClass=*)', '1.1'),
  managed('-LLL', '-b', domain, '-E', '!subentries=false', '-s', 'base', '1.1'),
  managed('-LLL', '-b', domain, '-E', '!subentries', '-s', 'base', '1.1'),
  managed('-LLL', '-b', domain, '-E', '!domainScope', '-s', 'base', '1.1'),
  managed('-LLL', '-b', domain, '-E', '!dontUseCopy', '-s', 'base', '1.1'),
  managed('-LLL', '-b', domain, '-E', '!vlv=1/1/1/0', '-s', 'base', '1.1'),
  managed('-LLL', '-b', domain, '-E', '!sync=ro', '-s', 'base', '1.1'),
  managed('-LLL', '-b', domain, '-E', '!ps=1/1/1', '-s', 'base', '1.1'),
  managed('-LLL', '-b', domain, '-E', '!deref=roleOccupant:mail', '-s', 'base', '1.1'),
  managed('-LLL', '-b', domain, '-E', 'deref=roleOccupant:mail', '-s', 'base', '1.1'),
  managed('-LLL', '-b', domain, '-E', '!accountUsability', '-s', 'base', '1.1'),
  managed('-LLL', '-b', domain, '-E', '!1.2.3.4', '-s', 'base', '1.1'),
  managed('-LLL', '-b', domain, '-E', '1.2.3.4=:value', '-s', 'base', '1.1'),
  managed('-LLL', '-b', domain, '-e', '!assert=(jvd=tools.example)', '-s', 'base', '1.1'),
  managed('-LLL', '-b', domain, '-e', '!assert=(jvd=other.example)', '-s', 'base', '1.1'),
  managed('-LLL', '-b', one, '-e', `!authzid=dn:${user.dn}`, '(userPassword=*)', 'mail'),
  managed('-LLL', '-b', one, '-e', '!authzid=', '(userPassword=*)', 'mail'),
  managed('-LLL', '-b', domain, '-e', '!manageDSAit', '-s', 'base', '1.1'),
  managed('-LLL', '-b', domain, '-e', '!noop', '-s', 'base', '1.1'),
  managed('-LLL', '-b', domain, '-e', '!relax', '-s', 'base', '1.1'),
  managed('-LLL', '-b', domain, '-e', 'sessiontracking', '-s', 'base', '1.1'),
  managed('-LLL', '-b', domain, '-e', 'ppolicy', '-s', 'base', '1.1'),
  managed('-LLL', '-b', domain, '-e', '!chaining', '-s', 'base', '1.1'),
  managed('-LLL', '-b', domain, '-e', 'bauthzid', '-s', 'base', '1.1'),
  managed('-LLL', '-b', domain, '-e', '!bauthzid', '-s', 'base', '1.1'),

  // ldapmodify -e, its kinds of change, and -c and -n.
  modify(['-e', '!assert=(description=one)'], replace(at('a'), 'cn', 'asserted')),
  modify(['-e', '!assert=(description=other)'], replace(at('a'), 'cn', 'not asserted')),
  modify(['-e', '!preread=cn,mail', '-e', '!postread=cn'], replace(at('a'), 'cn', 'read')),
  modify(['-e', 'postread=*'], replace(at('b'), 'cn', 'read')),
  modify(['-e', '!postread'], replace(at('b'), 'cn', 'read')),
  modify(['-e', '!preread=cn'], `dn: ${at('v')}\nchangetype: delete\n`),
  modify(
    ['-e', '!postread=mail,entryDN'],
    `${account('post')}`.replace('\nobjectClass: top', '\nchangetype: add\nobjectClass: top'),
  ),
  modify(
    ['-e', '!preread=mail', '-e', '!postread=mail'],
    `dn: ${at('post')}\nchangetype: modrdn\nnewrdn: mail=posted@tools.example\ndeleteoldrdn: 1\n`,
  ),
  modify(['-e', '!noop'], replace(at('a'), 'cn', 'no-op')),
  modify(['-e', '!manageDSAit'], replace(at('a'), 'cn', 'managed')),
  modify(['-M'], replace(at('a'), 'cn', 'managed')),
  modify(['-e', '!relax'], replace(at('a'), 'creatorsName', manager)),
  modify([], replace(at('a'), 'creatorsName', manager)),
  modify(['-e', `!authzid=dn:${user.dn}`], replace(user.dn, 'description', 'by proxy')),
  modify(['-e', `!authzid=dn:${user.dn}`], replace(at('a'), 'description', 'by proxy')),
  modify(['-e', 'authzid=dn:nonsense'], replace(at('a'), 'description', 'by proxy')),
  modify(['-e', '!1.2.840.113556.1.4.1413'], `dn: ${at('a')}\nchangetype: modify\nadd: description\ndescription: one\n`),
  modify(['-c'], [replace(at('nobody'), 'cn', 'x'), replace(at('a'), 'cn', 'went on')].join('\n')),
  modify([], [replace(at('nobody'), 'cn', 'x'), replace(at('a'), 'cn', 'never')].join('\n')),
  modify(['-n'], replace(at('a'), 'cn', 'never')),
  modify(['-v'], replace(at('a'), 'cn', 'told')),
  modify(
    [],
    [
      `dn: ${at('a')}`,
      'changetype: modify',
      'add: uidNumber',
      'uidNumber: 5',
      '-',
      'increment: uidNumber',
      'uidNumber: 3',
      '-',
      'delete: description',
      'description: two',
      '-',
      'replace: quota',
      '-',
      '',
    ].join('\n'),
  ),
  modify([], `dn: ${at('a')}\nchangetype: modify\ndelete: quota\n`),
  modify([], `dn: ${at('a')}\nchangetype: modify\nadd: cn\ncn:: /w==\n`),
  modify([], `dn: ${at('a')}\nchangetype: moddn\nnewrdn: mail=a2@tools.example\ndeleteoldrdn: 0\nnewsuperior: ${one}\n`),
  modify(
    [],
    `dn: mail=a2@tools.example,${one}\nchangetype: moddn\nnewrdn: mail=a@tools.example\ndeleteoldrdn: 1\nnewsuperior: ${domain}\n`,
  ),
  modify([], replace(at('a'), 'accountActive', 'maybe'), user),
  modify([], replace(neighbour.dn, 'description', 'x'), user),
  modify([], replace(neighbour.dn, 'description', 'x'), postmaster),
  managed('-LLL', '-b', at('a'), '-s', 'base', '*', 'modifiersName', 'creatorsName'),

  // ldapmodify -E txn. Transactions that are given up: test/server/transactions.test.ts, without slapd.
  modify(['-E', 'txn=commit'], [replace(at('a'), 'cn', 'both'), replace(at('b'), 'cn', 'both')].join('\n')),
  managed('-LLL', '-b', domain, '(mail=*)', 'cn'),
  modify(['-E', '!txn=commit'], replace(at('a'), 'cn', 'whole')),
  modify(['-E', 'txn=commit'], [replace(at('a'), 'cn', 'half'), replace(at('a'), 'nonsense', 'half')].join('\n')),
  modify(['-c', '-E', 'txn=commit'], [replace(at('a'), 'cn', 'half'), replace(at('a'), 'nonsense', 'half')].join('\n')),
  modify(['-E', 'txn=commit'], ''),
  modify(['-E', 'txn=commit'], replace(user.dn, 'description', 'by himself'), user),
  modify(['-E', 'txn=nonsense'], replace(at('a'), 'cn', 'half')),
  managed('-LLL', '-b', domain, '(mail=*)', 'cn'),

  run(asManager, 'ldapcompare', [at('a'), 'mail:A@tools.example']),
  run(asManager, 'ldapcompare', [at('a'), 'mail:other']),
  run(asManager, 'ldapcompare', [at('a'), 'mail::YUB0b29scy5leGFtcGxl']),
  run(asManager, 'ldapcompare', ['-z', at('a'), 'mail:other']),
  run(asManager, 'ldapcompare', [at('a'), 'quota:1']),
  run(asManager, 'ldapcompare', [at('a'), 'noSuch:1']),
  run(asManager, 'ldapcompare', [at('nobody'), 'mail:1']),
  run(asManager, 'ldapcompare', ['-e', '!assert=(mail=x)', at('a'), 'mail:1']),
  run(asManager, 'ldapcompare', ['-E', '!dontUseCopy', at('a'), 'mail:1']),
  run(undefined, 'ldapcompare', [user.dn, 'userPassword:x']),

  run(asManager, 'ldapmodrdn', [at('b'), 'mail=b2@tools.example']),
  run(asManager, 'ldapmodrdn', ['-r', at('b2'), 'mail=b@tools.example']),
  run(asManager, 'ldapmodrdn', ['-r', '-s', at('a'), at('b'), 'mail=b@tools.example']),
  run(asManager, 'ldapmodrdn', ['-r', '-s', domain, `mail=b@tools.example,${at('a')}`, 'mail=b@tools.example']),
  run(asManager, 'ldapmodrdn', ['-s', 'dc=outside', at('b'), 'mail=b@tools.example']),
  run(asManager, 'ldapmodrdn', ['-c'], `${at('nobody')}\nmail=x\n\n${at('b')}\nmail=b3@tools.example\n`),
  run(asManager, 'ldapmodrdn', ['-e', '!postread=mail', at('b3'), 'mail=b4@tools.example']),

  run(undefined, 'ldapwhoami', []),
  run(asManager, 'ldapwhoami', []),
  run(user, 'ldapwhoami', ['-v']),
  run(asManager, 'ldapwhoami', ['-e', `!authzid=dn:${user.dn}`]),
  run(asManager, 'ldapwhoami', ['-e', '!authzid=u:user']),
  run(user, 'ldapwhoami', ['-e', `!authzid=dn:${manager}`]),
  run(user, 'ldapwhoami', ['-e', 'bauthzid']),
  run(user, 'ldapexop', ['whoami']),
  run(user, 'ldapexop', ['cancel', '77']),
  run(asManager, 'ldapexop', ['refresh', at('a'), '60']),
  run(asManager, 'ldapexop', ['1.3.6.1.4.1.4203.1.11.3']),
  run(asManager, 'ldapexop', ['1.2.3.4']),
  run(asManager, 'ldapexop', ['1.2.3.4:text']),
  run(asManager, 'ldapexop', ['1.3.6.1.4.1.4203.1.11.3:text']),
  run(asManager, 'ldapexop', ['1.3.6.1.4.1.1466.20037']),

  run(asManager, 'ldappasswd', ['-s', 'new', at('a')]),
  run({ dn: at('a'), password: 'new' }, 'ldapwhoami', []),
  run({ dn: at('a'), password: 'new' }, 'ldappasswd', ['-a', 'new', '-s', 'newer']),
  run({ dn: at('a'), password: 'newer' }, 'ldappasswd', ['-a', 'wrong', '-s', 'newest']),
  run({ dn: at('a'), password: 'newer' }, 'ldappasswd', ['-s', 'x', user.dn]),
  run({ dn: at('a'), password: 'newer' }, 'ldappasswd', []),
  run(undefined, 'ldappasswd', ['-s', 'x', at('a')]),
  run(asManager, 'ldappasswd', ['-s', 'x', at('nobody')]),
  run(asManager, 'ldappasswd', ['-s', 'x', postmasterGroup('one.example')]),
  run(asManager, 'ldappasswd', ['-e', '!manageDSAit', '-s', 'x', at('a')]),

  run(asManager, 'ldapdelete', [domain]),
  run(asManager, 'ldapdelete', ['-v', at('d')]),
  run(asManager, 'ldapdelete', ['-c', at('nobody'), at('b4')]),
  run(asManager, 'ldapdelete', [at('nobody'), at('a')]),
  run(asManager, 'ldapdelete', ['-n', at('a')]),
  run(asManager, 'ldapdelete', ['-e', '!preread=mail', at('stop')]),
  run(asManager, 'ldapdelete', ['-e', '!1.2.840.113556.1.4.805', domain]),
  run(asManager, 'ldapdelete', [], `${at('posted')}\n`),
  run(user, 'ldapdelete', ['-r', domain]),
  run(asManager, 'ldapdelete', ['-r', domain]),
  managed('-LLL', '-b', domain),
  managed('-LLL', '-b', suffix, '-s', 'one', '1.1'),
];

/** What each server makes up, and each one's own words, are no difference. */
function comparable(text: string, folder: string): string {
  return (
    text
      .replaceAll(folder, 'FOLDER')
      .replace(/ldap:\/\/127\.0\.0\.1:\d+/g, 'URL')
      .replace(/\n /g, '')
      .replace(/^\s*additional info(?:rmation)?: .*\n?/gim, '')
      .replace(/^(createTimestamp|modifyTimestamp|entryCSN|contextCSN|entryUUID): .*$/gm, '$1: made up')
      .replace(/^(userPassword:: ).*$/gm, '$1a hash')
      .replace(/^(New password: ).*$/gm, '$1made up')
      // slapd never tells how many entries there may be.
      .replace(/^(#? ?pagedresults: )(?:estimate=\d+ )?cookie=.*$/gm, '$1a cookie')
      .replace(/^(# )?(?:estimate=\d+ )?cookie=\S*$/gm, 'a cookie')
      .replace(/^(control: 1\.2\.840\.113556\.1\.4\.319 \w+ ).*$/gm, '$1a cookie')
      .replace(/file:\/\/\/tmp\/\S+/g, 'a file')
  );
}

/** Attributes come in any order, and so do the entries below one other. */
function comparableRecords(text: string, inAnyOrder: boolean): string[] {
  const records = text
    .trim()
    .split(/\n{2,}/)
    .map((record) => record.split('\n').sort().join('\n'));
  return inAnyOrder ? records.sort() : records;
}

describe.skipIf(requirePrograms('slapd', ...tools) ?? (serverKinds.includes('jammd') ? undefined : 'jammd is left out'))(
  'the command line tools',
  () => {
    const servers = new Map<ServerKind, ReferenceServer>();

    beforeAll(async () => {
      for (const kind of ['slapd', 'jammd'] as const) servers.set(kind, await startContestant(kind));
    });

    afterAll(async () => {
      for (const server of servers.values()) await server.stop();
    });

    async function printedBy(kind: ServerKind, { tool, args, as, input }: Command): Promise<unknown> {
      const server = servers.get(kind)!;
      const { code, stdout, stderr } = await ldapTool(tool, server, as, args, input);
      return {
        code,
        stdout: comparableRecords(comparable(stdout, server.folder), args.includes('one')),
        stderr: comparable(stderr, server.folder),
      };
    }

    test.each(commands.map((command, index) => ({ title: `${index}: ${command.tool} ${command.args.join(' ')}`, command })))(
      '$title',
      async ({ command }) => {
        const [bySlapd, byJammd] = await Promise.all([printedBy('slapd', command), printedBy('jammd', command)]);
        expect(byJammd).toEqual(bySlapd);
      },
    );
  },
);
