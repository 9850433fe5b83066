/** Random UUIDs (RFC 9562, version 4) written in place: an import makes very many, and a string of each is a detour. */
import { randomFillSync } from 'node:crypto';

const uuidBytes = 16;
/** Octets before which the text has a hyphen. */
const hyphenBefore: readonly boolean[] = Array.from({ length: uuidBytes }, (_, index) => [4, 6, 8, 10].includes(index));
const hexDigits = Buffer.from('0123456789abcdef');
const hyphen = 0x2d;

const random = Buffer.alloc(uuidBytes * 256);
let used = random.length;

/** `text`: 36 bytes. */
export function writeRandomUuid(text: Buffer): void {
  if (used === random.length) {
    randomFillSync(random);
    used = 0;
  }
  // Version and variant.
  random[used + 6] = (random[used + 6]! & 0x0f) | 0x40;
  random[used + 8] = (random[used + 8]! & 0x3f) | 0x80;
  let position = 0;
  for (let index = 0; index < uuidBytes; index++) {
    if (hyphenBefore[index]!) text[position++] = hyphen;
    const octet = random[used + index]!;
    text[position++] = hexDigits[octet >>> 4]!;
    text[position++] = hexDigits[octet & 0x0f]!;
  }
  used += uuidBytes;
}
