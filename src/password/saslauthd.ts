/**
 * Asks saslauthd about the passwords of `{SASL}user@realm`, as slapd's pass-through does by way of Cyrus SASL: a connection for
 * each password to a Unix socket, four counted strings there and one back.
 */
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';

/** Where Cyrus SASL looks for the settings of slapd: Debian's folders, then Fedora's. SASL_CONF_PATH comes before them. */
const settingsFolders = ['/etc/ldap/sasl2', '/usr/lib/sasl2', '/etc/sasl2'];
const defaultSocket = '/run/saslauthd/mux';
const service = 'ldap';

/** saslauthd waits some seconds before it says that a password is wrong. */
const answerMilliseconds = 20_000;
/** Questions that wait for an answer; saslauthd itself has five processes. */
export const saslauthdQuestionsMax = 64;
/** A counted string has two octets for its length; Cyrus SASL's own bound is less. */
const stringBytesMax = 65_535;
const answerBytesMax = 2 + 1_024;

/** saslauthd could not be asked; the message says why. */
export class SaslauthdError extends Error {
  override readonly name = 'SaslauthdError';
}

let pending = 0;
let socket: Promise<string> | undefined;

/** As many questions as may be are under way. */
export function saslauthdIsBusy(): boolean {
  return pending >= saslauthdQuestionsMax;
}

/** `user`: what follows `{SASL}`. Rejects with SaslauthdError. */
export async function askSaslauthd(user: string, password: Buffer): Promise<boolean> {
  pending++;
  try {
    socket ??= socketOfSettings();
    const path = await socket.catch((error: unknown) => {
      // The file may be mended while the server runs.
      socket = undefined;
      throw error;
    });
    return (await exchange(path, question(user, password))).startsWith('OK');
  } finally {
    pending--;
  }
}

/** Cyrus SASL takes the realm off the user's name. */
function question(user: string, password: Buffer): Buffer {
  const at = user.lastIndexOf('@');
  const [name, realm] = at < 0 ? [user, ''] : [user.slice(0, at), user.slice(at + 1)];
  return Buffer.concat([Buffer.from(name), password, Buffer.from(service), Buffer.from(realm)].flatMap(counted));
}

function counted(text: Buffer): Buffer[] {
  if (text.length > stringBytesMax) throw new SaslauthdError('too long a name or password');
  const length = Buffer.alloc(2);
  length.writeUInt16BE(text.length);
  return [length, text];
}

function exchange(path: string, request: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const connection = connect(path);
    let answer = Buffer.alloc(0);
    const fail = (reason: string): void => {
      connection.destroy();
      reject(new SaslauthdError(`saslauthd at ${path}: ${reason}`));
    };
    connection.setTimeout(answerMilliseconds, () => fail(`no answer within ${answerMilliseconds / 1_000} seconds`));
    connection.on('error', (error) => fail(error.message));
    connection.on('connect', () => connection.write(request));
    connection.on('data', (piece) => {
      answer = Buffer.concat([answer, piece]);
      if (answer.length > answerBytesMax) fail('too long an answer');
      else if (answer.length >= 2 && answer.length >= 2 + answer.readUInt16BE()) connection.end();
    });
    connection.on('close', () => {
      if (answer.length < 4) fail('it closed the connection without an answer');
      else resolve(answer.toString('latin1', 2));
    });
  });
}

async function socketOfSettings(): Promise<string> {
  for (const folder of process.env['SASL_CONF_PATH']?.split(':') ?? settingsFolders) {
    const file = join(folder, 'slapd.conf');
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
      throw new SaslauthdError(error.message);
    });
    if (text === undefined) continue;
    const methods = settingOf(text, 'pwcheck_method')?.split(/[\s,]+/) ?? [];
    if (methods.includes('saslauthd')) return settingOf(text, 'saslauthd_path') ?? defaultSocket;
    throw new SaslauthdError(`${file} does not say "pwcheck_method: saslauthd", and nothing else is supported`);
  }
  return defaultSocket;
}

/** The last line of that name counts. */
function settingOf(text: string, name: string): string | undefined {
  const lines = [...text.matchAll(/^[ \t]*([a-z0-9_]+)[ \t]*:[ \t]*(.*?)[ \t\r]*$/gim)];
  return lines.findLast(([, key]) => key!.toLowerCase() === name)?.[2];
}
