/**
 * How far a node, or the log, has come: the generation, the number of the last entry, that entry's hash, and the bytes of
 * the log so far. Two positions with the same text have the same history. The log's end is kept under a key of its own, as
 * this text; whoever appends demands that it is the position he has applied.
 */
export interface Position {
  readonly generation: Buffer;
  readonly index: number;
  readonly hash: Buffer;
  readonly bytes: number;
}

export function positionText({ generation, index, hash, bytes }: Position): string {
  return `${generation.toString('hex')} ${index} ${hash.toString('hex')} ${bytes}`;
}

/** Undefined where the text is none. */
export function parsePosition(text: string): Position | undefined {
  const found = /^([\da-f]{32}) (\d{1,15}) ([\da-f]{64}) (\d{1,15})$/.exec(text);
  if (!found) return undefined;
  const [, generation, index, hash, bytes] = found as unknown as readonly [string, string, string, string, string];
  return {
    generation: Buffer.from(generation, 'hex'),
    index: Number(index),
    hash: Buffer.from(hash, 'hex'),
    bytes: Number(bytes),
  };
}
