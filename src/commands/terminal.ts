/** Asks the person at the terminal. Questions go to standard error, so that standard output holds results only. */
import { createInterface } from 'node:readline';
import { CommandFailure } from './failure.js';

/** What a terminal in raw mode sends for these keys. */
const key = {
  interrupt: 0x03,
  endOfInput: 0x04,
  backspace: 0x08,
  newline: 0x0a,
  carriageReturn: 0x0d,
  killLine: 0x15,
  delete: 0x7f,
} as const;

const secretBytesMax = 4_096;

/** What was typed or pasted ahead of the question it answers. */
let typedAhead: Buffer = Buffer.alloc(0);

export function isTerminal(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

/** A line typed without echo. Throws CommandFailure where the person gives up. */
export async function askSecret(question: string): Promise<Buffer> {
  process.stderr.write(question);
  process.stdin.setRawMode(true);
  try {
    return await readHiddenLine();
  } finally {
    process.stdin.setRawMode(false);
    process.stdin.pause();
    process.stderr.write('\n');
  }
}

/** Asks twice and takes what was typed the same both times. */
export async function askNewSecret(what: string): Promise<Buffer> {
  const secret = await askSecret(`${what}: `);
  if (secret.length === 0) throw new CommandFailure('the password is empty');
  const again = await askSecret(`Re-enter ${what.charAt(0).toLowerCase()}${what.slice(1)}: `);
  if (!secret.equals(again)) throw new CommandFailure('the passwords do not match');
  return secret;
}

/** A line with echo; `fallback` where it is empty. */
export async function ask(question: string, fallback: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await new Promise<string>((resolve, reject) => {
      lines.once('close', () => reject(new CommandFailure('no answer given')));
      lines.question(`${question} [${fallback}]: `, resolve);
    });
    return answer.trim() === '' ? fallback : answer.trim();
  } finally {
    lines.close();
  }
}

/** The first line of standard input where that is not a terminal: for scripts. */
export async function readFirstLine(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    const end = chunk.indexOf(key.newline);
    chunks.push(end < 0 ? chunk : chunk.subarray(0, end));
    length += chunk.length;
    if (end >= 0) break;
    if (length > secretBytesMax) throw new CommandFailure('the first line of standard input is too long for a password');
  }
  return Buffer.concat(chunks);
}

function readHiddenLine(): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const typed: number[] = [];
    const finish = (act: () => void): void => {
      process.stdin.off('data', take);
      process.stdin.off('end', giveUp);
      act();
    };
    const giveUp = (): void => finish(() => reject(new CommandFailure('no password was given')));
    const take = (data: Buffer): void => {
      for (let index = 0; index < data.length; index++) {
        const byte = data[index]!;
        if (byte === key.newline || byte === key.carriageReturn) {
          typedAhead = data.subarray(index + 1);
          finish(() => resolve(Buffer.from(typed)));
          return;
        }
        if (byte === key.interrupt || (byte === key.endOfInput && typed.length === 0)) return giveUp();
        if (byte === key.killLine) typed.length = 0;
        else if (byte === key.backspace || byte === key.delete) dropCharacter(typed);
        else if (typed.length < secretBytesMax) typed.push(byte);
      }
    };
    process.stdin.on('data', take);
    process.stdin.on('end', giveUp);
    const ahead = typedAhead;
    typedAhead = Buffer.alloc(0);
    if (ahead.length > 0) take(ahead);
    process.stdin.resume();
  });
}

/** The last UTF-8 character, which may be several bytes. */
function dropCharacter(typed: number[]): void {
  let byte = typed.pop();
  while (byte !== undefined && (byte & 0xc0) === 0x80) byte = typed.pop();
}
