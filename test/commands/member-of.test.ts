/** `jammd check --database` names entries whose memberOf is wrong, and writes the changes that mend them. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeFolder, removeFolder } from '../support/place.js';
import { jammd } from './jammd.js';

let folder: string;
let config: string;

const person = (name: string, groups: readonly string[]): string =>
  `dn: cn=${name},o=x\nobjectClass: person\ncn: ${name}\nsn: x\n${groups.map((group) => `memberOf: cn=${group},o=x\n`).join('')}`;
const group = (name: string, members: readonly string[]): string =>
  `dn: cn=${name},o=x\nobjectClass: groupOfNames\ncn: ${name}\n${members.map((member) => `member: cn=${member},o=x\n`).join('')}`;

beforeAll(async () => {
  folder = await makeFolder('member-of');
  config = join(folder, 'slapd.conf');
  await writeFile(config, `include core.schema\ndatabase mdb\nsuffix o=x\ndirectory ${folder}/data\noverlay memberof\n`);
  const ldif = [
    'dn: o=x\nobjectClass: organization\no: x\n',
    person('right', ['one', 'two']),
    person('lacking', ['one']),
    person('Zoë', ['ONE', 'gone']),
    person('nobody', []),
    person('former', ['two']),
    group('one', ['right', 'lacking', 'Zoë']),
    group('two', ['right', 'lacking', 'absent']),
  ].join('\n');
  const { code, stderr } = await jammd(['import', '-f', config], { input: ldif });
  expect(stderr).toBe('8 entries loaded\n');
  expect(code).toBe(0);
});
afterAll(() => removeFolder(folder));

it('finds what is missing and what is too much, and mends it', async () => {
  const check = ['check', '-q', '-f', config, '--database'];
  const found = await jammd(check);
  expect(found).toMatchObject({
    code: 0,
    stderr: [
      'o=x: warning: memberOf of cn=lacking,o=x lacks cn=two,o=x\n',
      'o=x: warning: memberOf of cn=Zoë,o=x has cn=gone,o=x\n',
      'o=x: warning: memberOf of cn=former,o=x has cn=two,o=x\n',
      'o=x: warning: 3 entries with a wrong memberOf: --mend FILE writes the changes that mend it, for jammd modify\n',
    ].join(''),
  });
  const mend = join(folder, 'mend.ldif');
  expect((await jammd([...check, '--mend', mend])).stderr).toContain(`jammd modify -l ${mend} mends it\n`);
  expect((await readFile(mend, 'utf8')).match(/^changetype: modify$/gm)).toHaveLength(3);
  expect(await jammd(['modify', '-f', config, '-l', mend])).toMatchObject({ code: 0, stderr: '3 changes made\n' });
  expect(await jammd(check)).toMatchObject({ code: 0, stderr: '', stdout: '' });
  const { stdout } = await jammd(['export', '-q', '-f', config, '-a', '(cn=lacking)']);
  expect(stdout.match(/^memberOf: .*$/gm)).toEqual(['memberOf: cn=one,o=x', 'memberOf: cn=two,o=x']);
});
