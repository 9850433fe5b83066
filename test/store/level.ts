/** A store's database from below: what an unlucky disk, or another version, might leave in it. */
import { ClassicLevel } from 'classic-level';

type Level = ClassicLevel<string, Buffer>;

export async function withLevel<T>(folder: string, work: (level: Level) => Promise<T>): Promise<T> {
  const level = new ClassicLevel<string, Buffer>(folder, { keyEncoding: 'utf8', valueEncoding: 'buffer' });
  await level.open();
  try {
    return await work(level);
  } finally {
    await level.close();
  }
}

export function levelContents(folder: string): Promise<Map<string, Buffer>> {
  return withLevel(folder, async (level) => new Map(await level.iterator().all()));
}
