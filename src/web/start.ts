/** Serves the web site on a TCP address. */
import { serve } from '@hono/node-server';
import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import { createWebApp } from './app.js';
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
  readonly sessionIdleMs?: number;
  readonly onError?: (error: unknown) => void;
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
  const { ldapUrl, startTls, caFile, publicUrl, sessionIdleMs, onError } = options;
  const web = createWebApp({
    directory: { url: ldapUrl, ...(startTls ? { startTls } : {}), ...(caFile === undefined ? {} : { caFile }) },
    settings: { ...defaultSettings, ...options.settings },
    ...(publicUrl === undefined ? {} : { publicUrl }),
    ...(sessionIdleMs === undefined ? {} : { sessionIdleMs }),
    ...(onError === undefined ? {} : { onError }),
  });
  const server = serve({ fetch: web.fetch, hostname: host, port }) as Server;
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

function parseListen(listen: string): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(listen);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) throw new Error(`“${listen}” is not HOST:PORT, for example 127.0.0.1:8389 or [::1]:8389`);
  return { host: match[1] ?? (match[2] || '127.0.0.1'), port };
}
