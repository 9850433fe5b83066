/** crypt(3)'s `$md5`: Sun's salted MD5, which hashes a soliloquy in the rounds that a coin toss picks. */
import { hash } from 'node:crypto';
import { encodeTriples, encodeCrypt64 } from './crypt-base64.js';

/** Rounds beyond those that the hash asks for. */
const baseRounds = 4_096;

/** Hamlet III 1, as Project Gutenberg's old edition has it, and the NUL that ends it in C. */
const soliloquy = Buffer.from(`To be, or not to be,--that is the question:--
Whether 'tis nobler in the mind to suffer
The slings and arrows of outrageous fortune
Or to take arms against a sea of troubles,
And by opposing end them?--To die,--to sleep,--
No more; and by a sleep to say we end
The heartache, and the thousand natural shocks
That flesh is heir to,--'tis a consummation
Devoutly to be wish'd. To die,--to sleep;--
To sleep! perchance to dream:--ay, there's the rub;
For in that sleep of death what dreams may come,
When we have shuffled off this mortal coil,
Must give us pause: there's the respect
That makes calamity of so long life;
For who would bear the whips and scorns of time,
The oppressor's wrong, the proud man's contumely,
The pangs of despis'd love, the law's delay,
The insolence of office, and the spurns
That patient merit of the unworthy takes,
When he himself might his quietus make
With a bare bodkin? who would these fardels bear,
To grunt and sweat under a weary life,
But that the dread of something after death,--
The undiscover'd country, from whose bourn
No traveller returns,--puzzles the will,
And makes us rather bear those ills we have
Than fly to others that we know not of?
Thus conscience does make cowards of us all;
And thus the native hue of resolution
Is sicklied o'er with the pale cast of thought;
And enterprises of great pith and moment,
With this regard, their currents turn awry,
And lose the name of action.--Soft you now!
The fair Ophelia!--Nymph, in thy orisons
Be all my sins remember'd.
\0`);

/** `setting`: up to the `$` before the digest, which belongs to what is hashed only where another one follows. */
export function sunMd5(password: Buffer, setting: string, rounds: number): string {
  let digest = hash('md5', Buffer.concat([password, Buffer.from(setting, 'latin1')]), 'buffer');
  for (let round = 0; round < baseRounds + rounds; round++) {
    const parts = [digest];
    if (coinToss(digest, round)) parts.push(soliloquy);
    parts.push(Buffer.from(String(round)));
    digest = hash('md5', Buffer.concat(parts), 'buffer');
  }
  return `${setting}$${encode(digest)}`;
}

function bitOf(digest: Buffer, bit: number): number {
  return (digest[(bit & 127) >> 3]! >> (bit & 7)) & 1;
}

function coinToss(digest: Buffer, round: number): boolean {
  let x = eightBits(digest, 0);
  let y = eightBits(digest, 8);
  if (bitOf(digest, round)) x >>= 1;
  if (bitOf(digest, round + 64)) y >>= 1;
  return bitOf(digest, x) !== bitOf(digest, y);
}

function eightBits(digest: Buffer, start: number): number {
  let bits = 0;
  for (let index = 0; index < 8; index++) {
    const a = digest[(start + index) & 15]!;
    const b = digest[(start + index + 3) & 15]!;
    const value = digest[(a >> (b % 5)) & 15]!;
    bits |= bitOf(digest, (b >> (a & 7)) & 1 ? value >> 1 : value) << index;
  }
  return bits;
}

function encode(digest: Buffer): string {
  const triples = [
    [0, 6, 12],
    [1, 7, 13],
    [2, 8, 14],
    [3, 9, 15],
    [4, 10, 5],
  ] as const;
  return encodeTriples(digest, triples) + encodeCrypt64(digest[11]!, 2);
}
