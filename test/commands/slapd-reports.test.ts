/** jammd access, identity, check-schema and modify under the names of slapd's programs, beside Debian's own. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFolder, removeFolder } from '../support/place.js';
import { run, type Finished } from '../support/process.js';
import { findProgram, requirePrograms } from '../support/programs.js';
import { jammd } from './jammd.js';

const people = 'ou=people,dc=x';
const ldif = [
  'dn: dc=x\nobjectClass: dcObject\nobjectClass: organization\ndc: x\no: x\n',
  `dn: ${people}\nobjectClass: organizationalUnit\nou: people\n`,
  `dn: cn=a,${people}\nobjectClass: inetOrgPerson\ncn: a\nsn: a\nuserPassword: a\ndescription: public\n` +
    `description: private\nauthzTo: dn:cn=b,${people}\n`,
  `dn: cn=b,${people}\nobjectClass: inetOrgPerson\nobjectClass: tagged\ncn: b\nsn: b\n`,
  `dn: cn=c,${people}\nobjectClass: inetOrgPerson\nobjectClass: tagged\ncn: c\nsn: c\ndescription: tag\n`,
  `dn: cn=staff,dc=x\nobjectClass: groupOfNames\ncn: staff\nmember: cn=b,${people}\n`,
].join('\n');

/** What the entries are written by; later the class asks for more. */
const tagged = (rest: string): string => `objectclass ( 2.25.77.1 NAME 'tagged' SUP top AUXILIARY ${rest} )\n`;

const rules = `
access to attrs=userPassword by self write by anonymous auth
access to dn.subtree="${people}" attrs=description val.regex="^pub" by * read
access to attrs=cn by * none
access to attrs=sn by * =rscxd
access to attrs=mail by users read continue by * +x
access to attrs=uid by * =0
access to attrs=title by group="cn=staff,dc=x" write by * search
access to attrs=l by set="user/sn & this/sn" manage by ssf=56 read by * break
access to attrs=l by * add
access to attrs=st by sockurl="ldap:///" delete by dn.exact="cn=r,dc=x" auth
access to dn.subtree="${people}"
  by self write
  by users read
  by peername.ip=10.0.0.0%255.0.0.0 search
  by * +x
access to * by * read
`;

const head = `
authz-policy to
authz-regexp "^uid=([^,]+),cn=([^,]+),cn=auth$" "cn=$1,${people}"
authz-regexp "^uid=([^,]+),cn=auth$" "ldap:///${people}??one?(sn=$1)"
`;

let folder: string;

async function configuration(name: string, schema: string, data: string, theirs: boolean): Promise<string> {
  const file = join(folder, `${name}.conf`);
  const schemas = ['core', 'cosine', 'inetorgperson'];
  const includes = schemas.map((known) => `include ${theirs ? '/etc/ldap/schema/' : ''}${known}.schema\n`).join('');
  const module = theirs ? 'modulepath /usr/lib/ldap\nmoduleload back_mdb\n' : '';
  const database = `database mdb\nsuffix dc=x\nrootdn cn=root,dc=x\ndirectory ${folder}/${data}\n`;
  await writeFile(file, `${includes}${schema}${module}${head}${database}${rules}`);
  return file;
}

/** The same command line of both. */
async function both(program: string, args: readonly string[], configs = configurations, input?: string): Promise<Finished[]> {
  const options = input === undefined ? {} : { input };
  return [
    await run(findProgram(program)!, ['-f', configs.theirs, ...args], options),
    await run(join(folder, 'tools', program), ['-f', configs.ours, ...args], options),
  ];
}

let configurations: { readonly theirs: string; readonly ours: string };

const needed = ['slapadd', 'slapacl', 'slapauth', 'slapschema', 'slapmodify', 'slapcat'];

describe.skipIf(requirePrograms(...needed))("slapd's reports and ours", () => {
  beforeAll(async () => {
    folder = await makeFolder('slapd-reports');
    await mkdir(join(folder, 'theirs'));
    const loose = tagged('MAY description');
    configurations = {
      theirs: await configuration('theirs', loose, 'theirs', true),
      ours: await configuration('ours', loose, 'ours', false),
    };
    await writeFile(join(folder, 'base.ldif'), ldif);
    const load = ['-l', join(folder, 'base.ldif')];
    expect(await run(findProgram('slapadd')!, ['-f', configurations.theirs, ...load])).toMatchObject({ code: 0 });
    expect(await jammd(['import', '-f', configurations.ours, ...load])).toMatchObject({ code: 0 });
    expect(await jammd(['slapd-tools', join(folder, 'tools')])).toMatchObject({ code: 0 });
  });
  afterAll(() => removeFolder(folder));

  const a = `cn=a,${people}`;
  const b = `cn=b,${people}`;
  const attributes = ['entry', 'children', 'userPassword', 'cn', 'sn', 'mail', 'uid', 'title', 'l', 'st', 'o'];
  const values = ['description', 'description:public', 'description:private', 'description/read:public'];
  const levels = ['cn/disclose', 'sn/read', 'sn/write', 'l/add', 'l/delete', 'title/write', 'title/manage', 'entryUUID/write'];

  it.each([
    ['-v', '-b', a, '-D', b, '-d', '0'],
    ['-b', `CN=A,${people}`, '-o', 'peername=IP=10.1.1.1:33', '-o', 'syslog=none'],
    ['-b', b, '-U', 'a', '-X', 'u:b'],
    ['-b', b, '-D', a, '-o', `authzDN=${b}`],
    ['-b', b, '-D', 'cn=root,dc=x'],
    ['-b', b, '-D', 'cn=r,dc=x', '-o', 'ssf=256', '-o', 'tls_ssf=128', '-o', 'sockurl=ldap:///', '-o', 'sockname=IP=1.2.3.4:389'],
    ['-u', '-b', `cn=nobody,${people}`],
    ['-b', 'cn=staff,dc=x', '-D', b],
  ])('slapacl %j', async (...args) => {
    const [theirs, ours] = await both('slapacl', [...args, ...attributes, ...values, ...levels]);
    expect(theirs!.stderr).toMatch(/ALLOWED/);
    expect(ours).toMatchObject({ code: theirs!.code, stderr: theirs!.stderr });
  });

  it('slapacl about all of an entry', async () => {
    const outputs = await both('slapacl', ['-b', a, '-D', b]);
    const sorted = outputs.map(({ stderr }) =>
      stderr.split('\n').filter((line) => !/^(?:entry(?:UUID|CSN)|.*Timestamp)=/.test(line)),
    );
    expect(sorted[1]!.sort()).toEqual(sorted[0]!.sort());
  });

  it.each([['-b', `cn=nobody,${people}`, 'cn'], ['cn']])('slapacl %j fails', async (...args) => {
    const [theirs, ours] = await both('slapacl', args);
    expect([theirs!.code === 0, ours!.code === 0]).toEqual([false, false]);
  });

  it('jammd access names the clauses that decide', async () => {
    const { ours } = configurations;
    const text = (await readFile(ours, 'utf8')).split('\n');
    const first = text.findIndex((line) => line.includes('val.regex')) + 1;
    const { stdout, code } = await jammd(['access', '-f', ours, '-b', a, 'description:public', 'cn/read', 'mail']);
    expect(code).toBe(1);
    expect(stdout).toBe(
      [
        `description: public: read(=rscxd)\n    ${ours}: line ${first}, clause 1\n`,
        `read access to cn: DENIED\n    ${ours}: line ${first + 1}, clause 1\n`,
        `mail: =x\n    ${ours}: line ${first + 3}, clause 2\n`,
      ].join(''),
    );
  });

  it.each([
    ['-v', 'a', 'u:b', `dn:cn=c,${people}`, 'cn=bad,', 'x y'],
    ['-U', 'a', '-X', 'u:b'],
    ['-U', 'a', '-X', 'u:c'],
    ['-U', 'a', '-X', 'b'],
    ['-X', 'u:b', 'a'],
    ['-M', 'SCRAM-SHA-256', '-R', 'realm', 'a', 'u:a', '-d', '0'],
    ['', 'a'],
  ])('slapauth %j', async (...args) => {
    const [theirs, ours] = await both('slapauth', args);
    expect(ours).toMatchObject({ code: theirs!.code, stderr: theirs!.stderr });
  });

  it.each([
    ['a class asks for more', tagged('MUST description'), ['-c', '-v', '-d', '0']],
    ['a class is gone', '', ['-g', '-b', 'dc=x', '-o', 'syslog=none']],
    ['some are looked at', '', ['-a', '(sn=b)', '-n', '1']],
    ['some are looked at, by their place', '', ['-H', `ldap:///cn=c,${people}??base`]],
  ])('slapschema: %s', async (_, schema, args) => {
    const configs = {
      theirs: await configuration('theirs-later', schema, 'theirs', true),
      ours: await configuration('ours-later', schema, 'ours', false),
    };
    const [theirs, ours] = await both('slapschema', args, configs);
    expect(ours!.stdout).toBe(theirs!.stdout);
    expect(ours!.code).toBe(theirs!.stdout.includes('# (') ? 1 : 0);
  });

  it('slapschema -l writes what it finds to a file, and nothing where all is well', async () => {
    const file = join(folder, 'errors');
    const [theirs, ours] = await both('slapschema', ['-l', file]);
    expect(ours).toMatchObject({ code: 0, stdout: theirs!.stdout, stderr: '' });
    expect(await readFile(file, 'utf8')).toBe('');
  });

  const change = (text: string): string => `dn: cn=${text}\n`;
  const refused = [
    change(`o,${people}\nobjectClass: person\ncn: o\nsn: o`),
    change(`a,${people}\nchangetype: modrdn\nnewrdn: cn=nn\ndeleteoldrdn: 1`),
    change(`a,${people}\nchangetype: modify\ndelete: sn`),
    change(`a,${people}\nreplace: nosuch\nnosuch: x`),
    'dn: dc=y\nchangetype: delete\n',
    change('nosuch,dc=x\nchangetype: delete'),
  ];
  const added = change(`n,${people}\nchangetype: add\nobjectClass: person\ncn: n\nsn: n`);
  it.each([
    [
      [0, 0],
      `${change(`a,${people}\nchangetype: modify\nreplace: description\ndescription: new\n-\nadd: mail\nmail: a@x`)}\n${added}`,
      ['-v', '-S', '5', '-d', '0'],
    ],
    [
      [0, 0],
      `${change(`a,${people}\nadd: title\ntitle: t`)}\n${change(`b,${people}\nchangetype: delete`)}`,
      ['-v', '-b', 'dc=x'],
    ],
    [[1, 1], `${refused[5]}\n${change(`a,${people}\nreplace: l\nl: one`)}`, []],
    [[1, 1], 'dn: ou=people,dc=x\nchangetype: delete\n', []],
    // slapmodify answers with what became of the last change.
    [[0, 1], [...refused, change(`a,${people}\nreplace: l\nl: two`)].join('\n'), ['-c', '-n', '1', '-g']],
    [[0, 0], `${refused[5]}\n${change(`a,${people}\nreplace: st\nst: three`)}`, ['-j', '4', '-q', '-w', '-o', 'value-check=no']],
  ])('slapmodify %j %j %j', async (codes, input, args) => {
    const [theirs, ours] = await both('slapmodify', args, configurations, input);
    expect([theirs!.code, ours!.code]).toEqual(codes);
    if (args.includes('-v')) expect(ours!.stdout.replace(/\(.*/g, '')).toBe(theirs!.stderr.replace(/\(.*/g, ''));
    const failures = ours!.stderr.match(/^jammd modify: line /gm)?.length ?? 0;
    expect(failures).toBe(args.includes('-c') ? refused.length : codes[1]);
    const trees = await both('slapcat', []);
    expect(withoutTimes(trees[1]!.stdout)).toEqual(withoutTimes(trees[0]!.stdout));
  });

  it('jammd modify tries changes that build on each other, and makes none', async () => {
    const { ours } = configurations;
    const before = await jammd(['export', '-f', ours]);
    const changes = ['changetype: add\nobjectClass: person\ncn: u\nsn: u', 'add: description\ndescription: u'];
    const input = changes.map((text) => change(`u,${people}\n${text}`)).join('\n');
    const { stdout, stderr, code } = await jammd(['modify', '-f', ours, '-u', '-v'], { input });
    expect([code, stdout.match(/^(?:add|modify): "cn=u/gm)?.length, stderr]).toEqual([0, 2, '2 changes would be made\n']);
    expect((await jammd(['export', '-f', ours])).stdout).toBe(before.stdout);
  });

  it('jammd modify writes operational attributes', async () => {
    const { ours } = configurations;
    const uuid = '11111111-2222-4333-8444-555555555555';
    const input = change(
      `a,${people}\nreplace: entryUUID\nentryUUID: ${uuid}\n-\nreplace: createTimestamp\ncreateTimestamp: 20200101000000Z`,
    );
    expect(await jammd(['modify', '-f', ours], { input })).toMatchObject({ code: 0, stderr: '1 change made\n' });
    const { stdout } = await jammd(['export', '-f', ours, '-a', '(cn=a)']);
    expect(stdout).toContain(`entryUUID: ${uuid}\n`);
    expect(stdout).toContain('createTimestamp: 20200101000000Z\n');
    expect(await jammd(['check', '-f', ours, '--database'])).toMatchObject({ code: 0 });
  });
});

/** By name; attributes in any order. */
function withoutTimes(text: string): string[][] {
  const varying = /^(?:entryUUID|entryCSN|createTimestamp|modifyTimestamp|contextCSN):/;
  return text
    .split('\n\n')
    .map((entry) =>
      entry
        .split('\n')
        .filter((line) => line !== '' && !varying.test(line))
        .sort(),
    )
    .sort((one, other) => one.join().localeCompare(other.join()));
}
