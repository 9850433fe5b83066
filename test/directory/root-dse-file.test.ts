/** `rootDSE FILE`: what a file may say, and what is told about one that cannot be used; change numbers' server ID. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChangeSequence } from '../../src/directory/rules/operational.js';
import { readRootDseFiles, RootDseFileError } from '../../src/directory/server-entries/root-dse-file.js';
import { defaultSchema } from '../../src/schema/default.js';

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jammd-root-dse-'));
});

afterAll(() => rm(folder, { recursive: true }));

async function read(...texts: string[]): Promise<unknown> {
  const files = await Promise.all(
    texts.map(async (text, index) => {
      const file = join(folder, `${index}.ldif`);
      await writeFile(file, text);
      return file;
    }),
  );
  return readRootDseFiles(files, defaultSchema());
}

describe('a rootDSE file', () => {
  it('adds its attributes, those of further entries and files to the same', async () => {
    const one = 'dn:\ndescription: one\nvendorName: Example\n\ndn:\ndescription: two\n';
    expect(await read(one, 'dn:\n2.5.4.13: three\n')).toEqual({
      description: [Buffer.from('one'), Buffer.from('two'), Buffer.from('three')],
      vendorName: [Buffer.from('Example')],
    });
  });

  it.each([
    ['dn: dc=x\ndescription: x\n', /line 1: the entry's dn must be empty/],
    ['dn:\nnoSuchAttribute: x\n', /noSuchAttribute: attribute type undefined/],
    ['dn:\nsupportedLDAPVersion: x\n', /invalid per syntax/],
    ['dn:\nchangetype: delete\n', /not an entry/],
    ['dn:\nno colon\n', /0\.ldif/],
  ])('is refused, and named, where it is %j', async (text, message) => {
    await expect(read(text)).rejects.toThrow(RootDseFileError);
    await expect(read(text)).rejects.toThrow(message);
  });

  it('is refused where there is none', async () => {
    await expect(readRootDseFiles([join(folder, 'none')], defaultSchema())).rejects.toThrow(/rootDSE file .*none: ENOENT/);
  });
});

describe('change sequence numbers', () => {
  it('carry the server ID in hex', () => {
    expect(new ChangeSequence(4_095).next(0)).toMatch(/#fff#000000$/);
    expect(new ChangeSequence().next(0)).toMatch(/#000#000000$/);
  });
});
