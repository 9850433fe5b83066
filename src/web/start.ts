/** Serves the web site on a TCP address. */
import { serve } from '@hono/node-server';
import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import { createWebApp } from './app.js';
import { connectionLimits } from './limits.js';
import type { SecondFactorOptions } from './options.js';
import { Peers } from './peers.js';
import type { SessionStore } from './session.js';
import { defaultSettings, type MailSettings } from '../mail/context.js';

export interface StartWebOptions {
  /** `ldap://127.0.0.1:389` */
  readonly ldapUrl: string;
  /** HOST:PORT; port 0 takes any free one. IPv6 hosts stand in brackets. */
  readonly listen: string;
  readonly settings?: Partial<MailSettings>;
  readonly startTls?: boolean;
  readonly caFile?: string;
  readonly publicUrl?: string;
  readonly trustedProxies?: readonly string[];
  readonly sessionIdleMs?: number;
  readonly secondFactor?: SecondFactorOptions;
  readonly onError?: (error: unknown) => void;
  readonly onNotice?: (line: string) => void;
}

export interface RunningWeb {
  /** With the port that was taken: `http://127.0.0.1:8389/` */
  readonly url: string;
  readonly sessions: SessionStore;
  /** Ends all sessions and stops listening. */
  close(): Promise<void>;
}

/** @throws the socket's error where the address cannot be had, and Error for a malformed one */
export async function startWeb(options: StartWebOptions): Promise<RunningWeb> {
  const { host, port } = parseListen(options.listen);
  const { ldapUrl, startTls, caFile, publicUrl, trustedProxies, sessionIdleMs, secondFactor, onError, onNotice } = options;
  const web = createWebApp({
    directory: { url: ldapUrl, ...(startTls ? { startTls } : {}), ...(caFile === undefined ? {} : { caFile }) },
    settings: { ...defaultSettings, ...options.settings },
    ...(publicUrl === undefined ? {} : { publicUrl }),
    ...(sessionIdleMs === undefined ? {} : { sessionIdleMs }),
    ...(secondFactor === undefined ? {} : { secondFactor }),
    ...(trustedProxies === undefined ? {} : { trustedProxies }),
    ...(onError === undefined ? {} : { onError }),
    ...(onNotice === undefined ? {} : { onNotice }),
  });
  const server = serve({ fetch: web.fetch, hostname: host, port, serverOptions: timeLimits }) as Server;
  boundConnections(server, new Peers(trustedProxies));
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('listening', resolve);
      server.once('error', reject);
    });
  } catch (error) {
    await web.close();
    throw error;
  }
  const address = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}/`,
    sessions: web.sessions,
    close: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      await web.close();
    },
  };
}

const timeLimits = {
  headersTimeout: connectionLimits.headersMs,
  requestTimeout: connectionLimits.requestMs,
  keepAliveTimeout: connectionLimits.keepAliveMs,
  connectionsCheckingInterval: connectionLimits.checkMs,
} as const;

/** Node closes what goes beyond the limit for all; this does the same for each address. */
function boundConnections(server: Server, peers: Peers): void {
  const counts = new Map<string, number>();
  server.maxConnections = connectionLimits.count;
  server.setTimeout(connectionLimits.silentMs);
  server.on('connection', (socket) => {
    const key = peers.countedAs(peers.addressOf(socket.remoteAddress, undefined));
    if (key === undefined) return;
    const count = (counts.get(key) ?? 0) + 1;
    if (count > connectionLimits.perAddress) {
      socket.destroy();
      return;
    }
    counts.set(key, count);
    socket.once('close', () => {
      const left = (counts.get(key) ?? 1) - 1;
      if (left === 0) counts.delete(key);
      else counts.set(key, left);
    });
  });
}

function parseListen(listen: string): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(listen);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) throw new Error(`“${listen}” is not HOST:PORT, for example 127.0.0.1:8389 or [::1]:8389`);
  return { host: match[1] ?? (match[2] || '127.0.0.1'), port };
}
