/**
 * cn=config changed over LDAP: jammd answers as slapd does, reads back the same, keeps it in files that slapd starts from, and goes by it
 * at once and after a restart.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jammdProgram } from '../commands/jammd.js';
import { accepts, freePort, makeFolder, removeFolder } from '../support/place.js';
import { Daemon, run } from '../support/process.js';
import { requirePrograms } from '../support/programs.js';

const config = `include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
moduleload unique
moduleload refint
moduleload ppolicy
moduleload valsort
moduleload constraint
database config
rootpw secret
access to * by dn.exact=gidNumber=0+uidNumber=0,cn=peercred,cn=external,cn=auth manage by * break
database mdb
suffix dc=x
rootdn cn=m,dc=x
rootpw m
directory @FOLDER@/data
index objectClass eq
access to attrs=userPassword by self write by anonymous auth by * none
access to * by * read
`;

const entries = `dn: dc=x
objectClass: domain
dc: x

dn: ou=p,dc=x
objectClass: organizationalUnit
ou: p

dn: cn=a,ou=p,dc=x
objectClass: inetOrgPerson
cn: a
sn: one
mail: a@x
userPassword: a

dn: cn=b,ou=p,dc=x
objectClass: inetOrgPerson
cn: b
sn: two
mail: b@x
`;

const db = 'dn: olcDatabase={1}mdb,cn=config\nchangetype: modify\n';

/** Each is sent to both as LDIF; the answers and the whole of cn=config are compared. */
const steps: readonly (readonly [string, string])[] = [
  ['a rule in front', `${db}add: olcAccess\nolcAccess: {0}to dn.base="ou=p,dc=x" by users read by * none\n`],
  ['a rule behind', `${db}add: olcAccess\nolcAccess: to dn.subtree="ou=q,dc=x" by * none\n`],
  ['a rule deleted by its number', `${db}delete: olcAccess\nolcAccess: {0}\n`],
  ['a rule that is none', `${db}add: olcAccess\nolcAccess: {0}to nobody at all\n`],
  ['a rule that is not there', `${db}delete: olcAccess\nolcAccess: {9}\n`],
  ['rules replaced', `${db}replace: olcAccess\nolcAccess: {0}to attrs=userPassword by * auth\nolcAccess: {1}to * by * read\n`],
  ['indexes added', `${db}add: olcDbIndex\nolcDbIndex: cn,sn eq,sub\nolcDbIndex: mail eq\n`],
  ['an index of nothing', `${db}add: olcDbIndex\nolcDbIndex: nothing eq\n`],
  ['an index twice', `${db}add: olcDbIndex\nolcDbIndex: mail eq\n`],
  ['an index deleted', `${db}delete: olcDbIndex\nolcDbIndex: cn,sn eq,sub\n`],
  ['limits', `${db}add: olcLimits\nolcLimits: {0}dn.exact="cn=a,ou=p,dc=x" size=1\n-\nreplace: olcSizeLimit\nolcSizeLimit: 7\n`],
  ['a size limit of words', `${db}replace: olcSizeLimit\nolcSizeLimit: many\n`],
  ['read only', `${db}replace: olcReadOnly\nolcReadOnly: TRUE\n`],
  ['read only no more', `${db}replace: olcReadOnly\nolcReadOnly: FALSE\n`],
  ['what is no boolean', `${db}replace: olcReadOnly\nolcReadOnly: perhaps\n`],
  ['two values of one', `${db}replace: olcRootDN\nolcRootDN: cn=m,dc=x\nolcRootDN: cn=n,dc=x\n`],
  ['an attribute of another class', `${db}add: olcServerID\nolcServerID: 1\n`],
  ['an attribute that is not defined', `${db}add: olcNonsense\nolcNonsense: 1\n`],
  ['the name', `${db}replace: olcDatabase\nolcDatabase: {1}hdb\n`],
  ['the class', `${db}replace: objectClass\nobjectClass: olcDatabaseConfig\n`],
  ['log level', 'dn: cn=config\nchangetype: modify\nreplace: olcLogLevel\nolcLogLevel: stats\n'],
  ['idle timeout', 'dn: cn=config\nchangetype: modify\nreplace: olcIdleTimeout\nolcIdleTimeout: 3600\n'],
  [
    'a schema',
    'dn: cn=mine,cn=schema,cn=config\nchangetype: add\nobjectClass: olcSchemaConfig\ncn: mine\n' +
      "olcAttributeTypes: {0}( 1.3.6.1.4.1.99999.1 NAME 'shoeSize' EQUALITY integerMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 )\n" +
      "olcObjectClasses: {0}( 1.3.6.1.4.1.99999.2 NAME 'shod' SUP top AUXILIARY MAY shoeSize )\n",
  ],
  [
    'more of a schema',
    'dn: cn={3}mine,cn=schema,cn=config\nchangetype: modify\nadd: olcAttributeTypes\n' +
      "olcAttributeTypes: ( 1.3.6.1.4.1.99999.3 NAME 'hatSize' SUP shoeSize )\n",
  ],
  [
    'a definition of what is defined',
    'dn: cn={3}mine,cn=schema,cn=config\nchangetype: modify\nadd: olcAttributeTypes\n' +
      "olcAttributeTypes: ( 1.3.6.1.4.1.99999.4 NAME 'shoeSize' SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 )\n",
  ],
  [
    'a definition deleted',
    'dn: cn={3}mine,cn=schema,cn=config\nchangetype: modify\ndelete: olcAttributeTypes\nolcAttributeTypes: {1}\n',
  ],
  [
    'unique',
    'dn: olcOverlay=unique,olcDatabase={1}mdb,cn=config\nchangetype: add\nobjectClass: olcOverlayConfig\n' +
      'objectClass: olcUniqueConfig\nolcOverlay: unique\nolcUniqueURI: ldap:///?mail?sub\n',
  ],
  [
    'memberof in front of it',
    'dn: olcOverlay={0}memberof,olcDatabase={1}mdb,cn=config\nchangetype: add\nobjectClass: olcOverlayConfig\n' +
      'objectClass: olcMemberOfConfig\nolcOverlay: {0}memberof\n',
  ],
  [
    'unique changed',
    'dn: olcOverlay={1}unique,olcDatabase={1}mdb,cn=config\nchangetype: modify\nadd: olcUniqueURI\nolcUniqueURI: ldap:///?sn?sub\n',
  ],
  [
    'overlays reordered',
    'dn: olcOverlay={1}unique,olcDatabase={1}mdb,cn=config\nchangetype: modrdn\nnewrdn: olcOverlay={0}unique\ndeleteoldrdn: 1\n',
  ],
  [
    'an overlay renamed',
    'dn: olcOverlay={0}unique,olcDatabase={1}mdb,cn=config\nchangetype: modrdn\nnewrdn: olcOverlay={0}refint\ndeleteoldrdn: 1\n',
  ],
  ['an overlay that is not there', 'dn: olcOverlay={7}unique,olcDatabase={1}mdb,cn=config\nchangetype: delete\n'],
  [
    'an overlay of no database',
    'dn: olcOverlay=unique,cn=config\nchangetype: add\nobjectClass: olcOverlayConfig\nobjectClass: olcUniqueConfig\nolcOverlay: unique\n',
  ],
  ['a database that has overlays', 'dn: olcDatabase={1}mdb,cn=config\nchangetype: delete\n'],
  ['the config database', 'dn: olcDatabase={0}config,cn=config\nchangetype: delete\n'],
  ['memberof deleted', 'dn: olcOverlay={1}memberof,olcDatabase={1}mdb,cn=config\nchangetype: delete\n'],
  [
    'a second database',
    'dn: olcDatabase=mdb,cn=config\nchangetype: add\nobjectClass: olcDatabaseConfig\nobjectClass: olcMdbConfig\nolcDatabase: mdb\n' +
      'olcSuffix: dc=y\nolcRootDN: cn=m,dc=y\nolcRootPW: m\nolcDbDirectory: @FOLDER@/second\nolcDbIndex: objectClass eq\n',
  ],
  [
    'a database without its folder',
    'dn: olcDatabase=mdb,cn=config\nchangetype: add\nobjectClass: olcDatabaseConfig\nobjectClass: olcMdbConfig\nolcDatabase: mdb\n' +
      'olcSuffix: dc=z\n',
  ],
  [
    'a database in front',
    'dn: olcDatabase={1}mdb,cn=config\nchangetype: add\nobjectClass: olcDatabaseConfig\nobjectClass: olcMdbConfig\nolcDatabase: {1}mdb\n' +
      'olcSuffix: dc=w\nolcDbDirectory: @FOLDER@/third\n',
  ],
  ['a database deleted', 'dn: olcDatabase={1}mdb,cn=config\nchangetype: delete\n'],
  ['what is not there', 'dn: olcDatabase={8}mdb,cn=config\nchangetype: modify\nreplace: olcSizeLimit\nolcSizeLimit: 7\n'],
  ['rootpw of config', 'dn: olcDatabase={0}config,cn=config\nchangetype: modify\nreplace: olcRootPW\nolcRootPW: secret2\n'],
];

interface Served {
  readonly kind: 'slapd' | 'jammd';
  readonly folder: string;
  readonly tree: string;
  port: number;
  daemon: Daemon;
}

describe.skipIf(requirePrograms('slapd', 'slaptest', 'slapcat', 'ldapsearch', 'ldapmodify') !== undefined)(
  'cn=config written',
  () => {
    let folder: string;
    const servers: Served[] = [];

    beforeAll(async () => {
      folder = await makeFolder('cn-config-written');
      for (const kind of ['slapd', 'jammd'] as const) servers.push(await prepare(kind));
      for (const server of servers) {
        const { code, stderr } = await modify(server, ['-a', '-x', '-D', 'cn=m,dc=x', '-w', 'm'], entries);
        expect(code, stderr).toBe(0);
      }
    }, 60_000);

    afterAll(async () => {
      for (const { daemon } of servers) await daemon.stop();
      await removeFolder(folder);
    });

    async function prepare(kind: 'slapd' | 'jammd'): Promise<Served> {
      const place = join(folder, kind);
      const tree = join(place, 'slapd.d');
      await mkdir(tree, { recursive: true });
      for (const name of ['data', 'second', 'third']) await mkdir(join(place, name));
      const file = join(place, 'slapd.conf');
      await writeFile(file, config.replaceAll('@FOLDER@', place));
      await run('/usr/sbin/slaptest', ['-f', file, '-F', tree]);
      const server = { kind, folder: place, tree, port: 0, daemon: undefined as unknown as Daemon };
      await start(server);
      return server;
    }

    async function start(server: Served, kind = server.kind): Promise<void> {
      server.port = await freePort();
      const urls = `ldap://127.0.0.1:${server.port}/ ldapi://${encodeURIComponent(join(server.folder, 'ldapi'))}`;
      server.daemon =
        kind === 'slapd'
          ? Daemon.start('/usr/sbin/slapd', ['-F', server.tree, '-h', urls, '-d', '0'])
          : Daemon.start(process.execPath, [jammdProgram, 'serve', '-F', server.tree, '-h', urls]);
      await server.daemon.waitUntil(() => accepts(server.port));
    }

    const external = ['-Q', '-Y', 'EXTERNAL'];

    function modify(server: Served, args: readonly string[], ldif: string): Promise<{ code: number | null; stderr: string }> {
      const url = args.includes('EXTERNAL')
        ? `ldapi://${encodeURIComponent(join(server.folder, 'ldapi'))}`
        : `ldap://127.0.0.1:${server.port}/`;
      return run('ldapmodify', ['-H', url, ...args], { input: ldif.replaceAll('@FOLDER@', server.folder) });
    }

    /** Without what is made up by each server, in an order of its own. */
    async function tree(server: Served): Promise<string> {
      const url = `ldapi://${encodeURIComponent(join(server.folder, 'ldapi'))}`;
      const { stdout } = await run('ldapsearch', [...external, '-H', url, '-LLL', '-o', 'ldif-wrap=no', '-b', 'cn=config']);
      return comparable(stdout, server);
    }

    function comparable(ldif: string, server: Served): string {
      const plain = ldif.replace(
        /^(\w+):: (\S+)$/gm,
        (_, name: string, code: string) => `${name}: ${Buffer.from(code, 'base64').toString()}`,
      );
      const records = plain.replaceAll(server.folder, '@FOLDER@').trim().split('\n\n');
      return records
        .map((record) =>
          record
            .split('\n')
            .filter((line) => !/^(entryUUID|entryCSN|\w+Timestamp|creatorsName|modifiersName|structuralObjectClass):/.test(line))
            // slapd prints definitions of its own again, and what it had at its start.
            .filter(
              (line) =>
                !/^olc(AttributeTypes|ObjectClasses|LdapSyntaxes|ObjectIdentifier): .*(1\.3\.6\.1\.4\.1\.4203|OLcfg|OMs|olm)/.test(
                  line,
                ),
            )
            .sort()
            .join('\n'),
        )
        .filter((record) => !record.includes('dn: cn=schema,cn=config\n') && !record.endsWith('dn: cn=schema,cn=config'))
        .sort()
        .join('\n\n');
    }

    test.each(steps)('%s', async (_, ldif) => {
      const [slapd, jammd] = await Promise.all(servers.map((server) => modify(server, external, ldif)));
      expect(`${jammd!.code} ${jammd!.stderr.split('\n')[0]}`).toBe(`${slapd!.code} ${slapd!.stderr.split('\n')[0]}`);
      const [expected, found] = await Promise.all(servers.map(tree));
      expect(found).toBe(expected);
    });

    test('the files are those that slapd reads, and it starts from them', async () => {
      const [, jammd] = servers as [Served, Served];
      const served = await tree(jammd);
      await jammd.daemon.stop();
      const { code, stdout, stderr } = await run('/usr/sbin/slapcat', ['-n', '0', '-F', jammd.tree, '-o', 'ldif-wrap=no']);
      expect([code, stderr]).toEqual([0, '']);
      expect(comparable(stdout, jammd)).toBe(served);
      await start(jammd);
      expect(await tree(jammd)).toBe(served);
    });
  },
);
