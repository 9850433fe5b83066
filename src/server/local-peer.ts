/**
 * Finds out which user is at the other end of a Unix socket. Node cannot ask the kernel (SO_PEERCRED), so a short-lived
 * helper process, in Perl (always present on Debian) or Python, is given the connection's descriptor and asks. Only a
 * SASL EXTERNAL bind needs this and pays for it. Without Perl and Python, EXTERNAL is refused.
 */
import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';

/** The descriptor that the helpers read. Not 0 to 2: those would be made blocking, for this process too. */
const helperDescriptor = 3;
const answerMs = 5_000;
/** Helpers at work at once, so that clients of the socket cannot fill the machine with them. */
const helpersMax = 4;
/** Connections that may wait for a helper; one more stays unknown. */
const waitingMax = 256;

const helpers: readonly (readonly [string, readonly string[]])[] = [
  [
    'perl',
    [
      '-MSocket=SOL_SOCKET,SO_PEERCRED',
      '-e',
      `open(my $s, '+<&=', ${helperDescriptor}) or exit 1;` +
        'my $c = getsockopt($s, SOL_SOCKET, SO_PEERCRED) or exit 1; print join(" ", (unpack("iII", $c))[1, 2]);',
    ],
  ],
  [
    'python3',
    [
      '-c',
      'import socket, struct\n' +
        `s = socket.socket(fileno=${helperDescriptor})\n` +
        'print(*struct.unpack("iII", s.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[1:])',
    ],
  ],
];

let working = 0;
const waiting: (() => void)[] = [];

/** The peer's SASL EXTERNAL name in slapd's form; undefined where it cannot be known. Never rejects. */
export async function localPeerIdentity(socket: Socket): Promise<string | undefined> {
  if (working >= helpersMax) {
    if (waiting.length >= waitingMax) return undefined;
    // Whoever is done leaves its place to this one.
    await new Promise<void>((resolve) => waiting.push(resolve));
  } else {
    working++;
  }
  try {
    return socket.destroyed ? undefined : await identityOf(socket);
  } finally {
    const next = waiting.shift();
    if (next) next();
    else working--;
  }
}

async function identityOf(socket: Socket): Promise<string | undefined> {
  for (const [command, parameters] of helpers) {
    const ids = /^(\d+) (\d+)\s*$/.exec(await outputOf(command, parameters, socket));
    if (ids) return `gidNumber=${ids[2]}+uidNumber=${ids[1]},cn=peercred,cn=external,cn=auth`;
  }
  return undefined;
}

function outputOf(command: string, parameters: readonly string[], socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(command, parameters, {
      stdio: ['ignore', 'pipe', 'ignore', socket],
      timeout: answerMs,
      env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin' },
    });
    child.on('error', () => resolve(''));
    child.stdout!.setEncoding('latin1').on('data', (text: string) => (output += text));
    child.on('close', (code) => resolve(code === 0 ? output : ''));
  });
}
