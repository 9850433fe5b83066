/** A SCRAM-SHA-256 client (RFC 5802, 7677) over the wire client, whose channel binding a test says in full. */
import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import type { WireClient, WireResult } from './client.js';

export interface ScramLogin {
  readonly user: string;
  readonly password: string;
  readonly mechanism?: string;
  /** `n`, `y`, or `p=` and the name of a channel binding. */
  readonly flag?: string;
  readonly binding?: Buffer;
  /** Called between the two binds; the second goes by the client that it returns. */
  readonly between?: () => Promise<WireClient>;
}

/** What the server says of a user before the password is proven. */
export interface ScramSalt {
  readonly salt: string;
  readonly iterations: number;
}

/** The last result; of the first bind where the second was not asked for. */
export async function scramLogin(client: WireClient, login: ScramLogin): Promise<WireResult> {
  const { user, password, mechanism = 'SCRAM-SHA-256', flag = 'n', binding = Buffer.alloc(0) } = login;
  const header = `${flag},,`;
  const bare = `n=${user},r=${randomBytes(12).toString('base64')}`;
  const first = await client.request({ op: 'saslBind', mechanism, credentials: header + bare });
  if (first.code !== 14) return first;
  const second = (await login.between?.()) ?? client;
  const serverFirst = credentialsOf(first);
  const { nonce, salt, iterations } = readServerFirst(serverFirst);
  const withoutProof = `c=${Buffer.concat([Buffer.from(header), binding]).toString('base64')},r=${nonce}`;
  const salted = pbkdf2Sync(password, Buffer.from(salt, 'base64'), iterations, 32, 'sha256');
  const clientKey = hmac(salted, 'Client Key');
  const signature = hmac(createHash('sha256').update(clientKey).digest(), `${bare},${serverFirst},${withoutProof}`);
  const proof = Buffer.from(clientKey.map((octet, index) => octet ^ signature[index]!));
  const credentials = `${withoutProof},p=${proof.toString('base64')}`;
  return second.request({ op: 'saslBind', mechanism, credentials });
}

export async function scramSaltOf(client: WireClient, user: string): Promise<ScramSalt> {
  const first = await client.request({ op: 'saslBind', mechanism: 'SCRAM-SHA-256', credentials: `n,,n=${user},r=abc` });
  const { salt, iterations } = readServerFirst(credentialsOf(first));
  return { salt, iterations };
}

function credentialsOf({ responseValue, code, diagnostic }: WireResult): string {
  if (!responseValue) throw new Error(`the server sent no credentials, but ${code} ${diagnostic}`);
  return responseValue.toString();
}

function readServerFirst(text: string): ScramSalt & { readonly nonce: string } {
  const [, nonce, salt, iterations] = /^r=([^,]+),s=([^,]+),i=(\d+)$/.exec(text) ?? [];
  if (nonce === undefined) throw new Error(`not a first message of a SCRAM server: ${text}`);
  return { nonce, salt: salt!, iterations: Number(iterations) };
}

function hmac(key: Uint8Array, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
