import { execFileSync } from 'node:child_process';
import { appendFile, chmod, mkdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { LineFile, LineFileError, type LineFileOptions } from '../../src/observe/line-file.js';
import { makeFolder, removeFolder } from '../support/place.js';
import { cleanLater, cleanUp } from './support.js';

afterEach(cleanUp);

interface Opened {
  readonly file: LineFile;
  readonly path: string;
  readonly events: string[];
}

async function folder(): Promise<string> {
  const made = await makeFolder('lines');
  cleanLater(() => removeFolder(made));
  return made;
}

async function opened(path: string, more: Partial<LineFileOptions> = {}): Promise<Opened> {
  const events: string[] = [];
  const file = await LineFile.open({
    path,
    events: {
      failed: (error) => events.push(`failed: ${error.message}`),
      recovered: (lost) => events.push(`recovered, ${lost} lost`),
    },
    lostLine: (lost) => `lost ${lost}`,
    ...more,
  });
  cleanLater(() => file.close());
  return { file, path, events };
}

const lines = async (...paths: string[]): Promise<string[]> => {
  const texts = await Promise.all(paths.map((path) => readFile(path, 'utf8')));
  for (const text of texts) expect(text === '' || text.endsWith('\n')).toBe(true);
  return texts.flatMap((text) => text.split('\n').slice(0, -1));
};

const numbered = (from: number, count: number): string[] => Array.from({ length: count }, (_, n) => `line ${from + n}`);

describe('a line file', () => {
  it("is its owner's alone, and keeps what it holds", async () => {
    const path = join(await folder(), 'log');
    const { file } = await opened(path);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    file.append('one');
    await file.close();
    const again = await opened(path);
    again.file.append('two');
    expect(await again.file.close()).toBe(0);
    expect(await lines(path)).toEqual(['one', 'two']);
  });

  it('keeps the mode that somebody gave it', async () => {
    const path = join(await folder(), 'log');
    await writeFile(path, '');
    await chmod(path, 0o640);
    const { file } = await opened(path);
    file.append('one');
    await file.close();
    expect((await stat(path)).mode & 0o777).toBe(0o640);
  });

  it('has all lines in order, whoever else appends to it', async () => {
    const path = join(await folder(), 'log');
    const { file } = await opened(path);
    const other = (async () => {
      for (let n = 0; n < 200; n++) await appendFile(path, `other ${n} ${'y'.repeat(500)}\n`);
    })();
    for (let n = 0; n < 5_000; n++) {
      file.append(`mine ${n} ${'x'.repeat(n % 400)}`);
      if (n % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await other;
    expect(await file.close()).toBe(0);
    const found = await lines(path);
    expect(found.filter((line) => line.startsWith('mine '))).toEqual(
      Array.from({ length: 5_000 }, (_, n) => `mine ${n} ${'x'.repeat(n % 400)}`),
    );
    expect(found.filter((line) => line.startsWith('other '))).toHaveLength(200);
    expect(found).toHaveLength(5_200);
    expect(file.written).toBe(5_000);
  });

  it('goes on in a new file when it is told that the old one was moved, without losing a line', async () => {
    const path = join(await folder(), 'log');
    const { file, events } = await opened(path);
    const rotated: string[] = [];
    for (let n = 0; n < 2_000; n++) {
      file.append(`line ${n}`);
      if (n % 250 === 249) {
        rotated.push(`${path}.${n}`);
        await rename(path, rotated.at(-1)!);
        file.reopen();
      } else if (n % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(await file.close()).toBe(0);
    expect(await lines(...rotated, path)).toEqual(numbered(0, 2_000));
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(events).toEqual([]);
  });

  it('notices by itself that it was moved or deleted', async () => {
    const path = join(await folder(), 'log');
    const { file } = await opened(path);
    file.append('one');
    await expect.poll(() => file.written).toBe(1);
    await rename(path, `${path}.1`);
    let n = 0;
    await expect
      .poll(
        async () => {
          file.append(`line ${n++}`);
          return (await stat(path).catch(() => undefined))?.isFile();
        },
        { timeout: 5_000 },
      )
      .toBe(true);
    await file.close();
    expect(await lines(`${path}.1`, path)).toEqual(['one', ...numbered(0, n)]);
  });

  it('waits while its folder is gone, says so once, and loses nothing', async () => {
    const parent = join(await folder(), 'var');
    await mkdir(parent);
    const path = join(parent, 'log');
    const { file, events } = await opened(path);
    file.append('before');
    await expect.poll(() => file.written).toBe(1);
    await rename(parent, `${parent}.away`);
    let n = 0;
    await expect
      .poll(
        () => {
          file.append(`line ${n++}`);
          return file.failing;
        },
        { timeout: 5_000 },
      )
      .toBe(true);
    for (const end = n + 50; n < end; n++) file.append(`line ${n}`);
    // Through more than one attempt.
    await new Promise((resolve) => setTimeout(resolve, 2_300));
    expect(events).toEqual([`failed: cannot open ${path} to append to it: ENOENT: no such file or directory, open '${path}'`]);
    await mkdir(parent);
    await expect.poll(() => file.failing, { timeout: 5_000 }).toBe(false);
    expect(events.slice(1)).toEqual(['recovered, 0 lost']);
    await file.close();
    expect(await lines(join(`${parent}.away`, 'log'), path)).toEqual(['before', ...numbered(0, n)]);
    expect(file.lost).toBe(0);
  });

  it('tells how many lines there was no room for', async () => {
    const parent = join(await folder(), 'var');
    await mkdir(parent);
    const path = join(parent, 'log');
    const { file, events } = await opened(path, { waitingBytesMax: 1_000 });
    await rm(parent, { recursive: true });
    file.reopen();
    await expect.poll(() => file.failing).toBe(true);
    for (let n = 0; n < 500; n++) file.append(`line ${n}`.padEnd(99, '.'));
    expect(file.lost).toBe(490);
    await mkdir(parent);
    await expect.poll(() => file.failing, { timeout: 5_000 }).toBe(false);
    file.append('after');
    await file.close();
    const found = await lines(path);
    expect(found).toHaveLength(12);
    expect(found.slice(0, 10)).toEqual(numbered(0, 10).map((line) => line.padEnd(99, '.')));
    expect(found.slice(10)).toEqual(['lost 490', 'after']);
    expect(events.at(-1)).toBe('recovered, 490 lost');
  });

  it('tells at the end what could not be written', async () => {
    const parent = join(await folder(), 'var');
    await mkdir(parent);
    const { file } = await opened(join(parent, 'log'));
    await rm(parent, { recursive: true });
    file.reopen();
    await expect.poll(() => file.failing).toBe(true);
    for (let n = 0; n < 7; n++) file.append('x');
    expect(await file.close()).toBe(7);
  });

  it('has whole lines after its disk was full, in the middle of one', async (context) => {
    const mounted = await folder();
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'jammd-test', mounted], { stdio: 'ignore' });
    } catch {
      return context.skip('no tmpfs can be mounted here');
    }
    cleanLater(() => execFileSync('umount', ['-l', mounted], { stdio: 'ignore' }));
    const path = join(mounted, 'log');
    const { file, events } = await opened(path);
    const long = Array.from({ length: 100 }, (_, n) => `line ${n} ${'z'.repeat(2_000)}`);
    for (const line of long) file.append(line);
    await expect.poll(() => file.failing).toBe(true);
    expect(events).toEqual([expect.stringMatching(/^failed: .*ENOSPC/)]);
    execFileSync('mount', ['-o', 'remount,size=1m', mounted], { stdio: 'ignore' });
    await expect.poll(() => file.failing, { timeout: 5_000 }).toBe(false);
    await file.close();
    expect(await lines(path)).toEqual(long);
  });

  it('takes files alone', async () => {
    const at = await folder();
    const pipe = join(at, 'pipe');
    execFileSync('mkfifo', [pipe]);
    for (const path of [at, pipe, '/dev/null', join(at, 'no', 'such')]) await expect(opened(path)).rejects.toThrow(LineFileError);
    await writeFile(join(at, 'file'), '');
    await symlink(join(at, 'file'), join(at, 'link'));
    const { file } = await opened(join(at, 'link'));
    file.append('through a link');
    await file.close();
    expect(await lines(join(at, 'file'))).toEqual(['through a link']);
  });
});
