/** The file of overlay auditlog beside slapd's: the same records for the same changes, and what becomes of it when it is moved. */
import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { serverKinds, startServer } from '../support/reference-server.js';

import { Contestant } from './contestant.js';
import { add, bind, by, modify, remove, rename as renamed } from './directed/steps.js';
import { domainEntry, personEntry, root, rootPassword, unitEntry, withOverlays } from './settings/setting.js';

const config = withOverlays(['auditlog'], 'access to * by * write\noverlay auditlog\nauditlog @FOLDER@/audit.ldif\n');
const person = 'cn=a,ou=p,dc=test';
const steps = by('#root', [
  bind(root, rootPassword),
  add('dc=test', domainEntry()),
  add('ou=p,dc=test', unitEntry()),
  add(person, personEntry({ description: ['Grün', ' blank', `long ${'x'.repeat(100)}`], userPassword: ['{CLEARTEXT}p'] })),
  add(person, personEntry()),
  modify(person, [
    ['add', 'title', 'x'],
    ['delete', 'description', ' blank'],
  ]),
  modify(person, [
    ['delete', 'description', ' blank'],
    ['add', 'telephoneNumber', '1'],
    ['replace', 'sn', 'T', 'U'],
    ['delete', 'telephoneNumber'],
  ]),
  renamed(person, 'cn=b'),
  renamed('cn=b,ou=p,dc=test', 'cn=c', { newSuperior: 'dc=test', deleteOldRDN: false }),
  remove('cn=c,dc=test'),
]);

/** Without what differs from run to run; a record's attributes in any order, for slapd writes its own first. */
function records(text: string): string[] {
  return text
    .replaceAll(/\n /g, '')
    .replaceAll(/ \d{10}\b/g, ' TIME')
    .replaceAll(/IP=\S+ conn=\d+/g, 'PEER')
    .replaceAll(/^(entryUUID|entryCSN|createTimestamp|modifyTimestamp): .*$/gm, '$1: …')
    .replaceAll(/^userPassword:.*$/gm, 'userPassword: …')
    .split('\n\n')
    .map((record) => (record.includes('changetype: add') ? record.split('\n').sort().join('\n') : record).trim());
}

const files = new Map<string, string[]>();

test.each(serverKinds)(
  '%s appends each change',
  async (kind) => {
    const server = await startServer(kind, { config });
    const contestant = new Contestant(server.port);
    const file = join(server.folder, 'audit.ldif');
    const read = (): Promise<string> => readFile(file, 'utf8').catch(() => '');
    try {
      await contestant.answerAll(steps);
      await vi.waitFor(async () => expect(await read()).toContain('# end delete'), { timeout: 20_000 });
      files.set(kind, records(await read()));
      await rename(file, `${file}.1`);
      await contestant.answerAll(by('#root', [add('ou=q,dc=test', unitEntry())]));
      await vi.waitFor(async () => expect(await read()).toContain('# end add'), { timeout: 20_000 });
      expect(await readFile(`${file}.1`, 'utf8')).not.toContain('ou=q');
      const [slapd, jammd] = [files.get('slapd'), files.get('jammd')];
      if (slapd && jammd) expect(jammd).toEqual(slapd);
    } finally {
      contestant.close();
      await server.stop();
    }
  },
  60_000,
);

test('every change is there', () => {
  const kinds = (files.get('jammd') ?? []).flatMap((record) => /^changetype: (\w+)$/m.exec(record)?.[1] ?? []);
  if (serverKinds.includes('jammd')) expect(kinds).toEqual(['add', 'add', 'add', 'modify', 'modrdn', 'modrdn', 'delete']);
});
