/**
 * Takes over sockets opened by the program that started this one, such as systemd's socket units: sd_listen_fds(3). The
 * server then needs no privileges for port 389, and clients that connect during a restart wait instead of being refused.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import { isNetworkScheme, isOverTls, isProxied, ldapsPort, type NetworkScheme } from './listen-url.js';

export interface PassedSocket {
  readonly descriptor: number;
  /** systemd's FileDescriptorName: `ldaps`, `pldap` or `pldaps` say what is spoken there. */
  readonly name: string;
}

/** The environment says something about passed sockets that cannot be. */
export class PassedSocketsError extends Error {
  override readonly name = 'PassedSocketsError';
}

const variables = ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES'] as const;
const firstDescriptor = 3;
/** More than any program can have open. */
const socketsMax = 0xffff;
/** What systemd calls sockets whose names it does not pass on. */
const unnamed = 'unknown';

export interface PassedSockets {
  readonly sockets: readonly PassedSocket[];
  /** Set where the sockets were meant for another process: its id. */
  readonly othersPid: number | undefined;
}

/**
 * What was passed to the process `pid`. The variables are taken out of `environment`, so that no program that is started
 * from here takes the sockets for its own. Throws PassedSocketsError.
 */
export function takePassedSockets(environment: NodeJS.ProcessEnv, pid: number): PassedSockets {
  const [listenPid, listenFds, listenFdNames] = variables.map((variable) => environment[variable]);
  for (const variable of variables) Reflect.deleteProperty(environment, variable);
  if (listenPid === undefined || listenFds === undefined) return { sockets: [], othersPid: undefined };
  const meantFor = wholeNumber('LISTEN_PID', listenPid);
  if (meantFor !== pid) return { sockets: [], othersPid: meantFor };
  const count = wholeNumber('LISTEN_FDS', listenFds);
  if (count > socketsMax) throw new PassedSocketsError(`LISTEN_FDS is ${count}: too many sockets`);
  const names = listenFdNames?.split(':') ?? new Array<string>(count).fill(unnamed);
  if (names.length !== count) {
    throw new PassedSocketsError(`LISTEN_FDNAMES has ${names.length} names for the ${count} sockets of LISTEN_FDS`);
  }
  return { sockets: names.map((name, index) => ({ descriptor: firstDescriptor + index, name })), othersPid: undefined };
}

function wholeNumber(variable: string, text: string): number {
  if (!/^[1-9]\d{0,9}$/.test(text))
    throw new PassedSocketsError(`${variable} is ${JSON.stringify(text)}, which is not a number above 0`);
  return Number(text);
}

/** What is spoken at a TCP socket: its name says it, or else its port. */
export function networkSchemeOf({ name }: PassedSocket, port: number): NetworkScheme {
  if (isNetworkScheme(name)) return name;
  return port === ldapsPort ? 'ldaps' : 'ldap';
}

/** The file of a Unix socket. Throws PassedSocketsError where its name asks for what makes no sense there. */
export function localPathOf({ descriptor, name }: PassedSocket): string {
  if (isNetworkScheme(name) && (isOverTls(name) || isProxied(name))) {
    throw new PassedSocketsError(`${name} is for TCP sockets, but this is a Unix socket`);
  }
  return boundPath(descriptor) ?? '';
}

/** Node does not tell where a passed Unix socket is bound; Linux does, by the socket's inode. */
function boundPath(descriptor: number): string | undefined {
  try {
    const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${descriptor}`))?.[1];
    const line = readFileSync('/proc/self/net/unix', 'utf8')
      .split('\n')
      // Num RefCount Protocol Flags Type St Inode Path
      .find((text) => text.split(/\s+/, 7)[6] === inode);
    return line === undefined ? undefined : /^(?:\S+\s+){7}(.+)$/.exec(line)?.[1];
  } catch {
    // Another system than Linux: the socket has no name then, and is served all the same.
    return undefined;
  }
}
