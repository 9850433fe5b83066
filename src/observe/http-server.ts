/**
 * The HTTP server for observation: `/metrics` for Prometheus, `/healthz` and `/readyz` for supervisors. It reads no bodies,
 * accepts few connections and no large headers, and waits for nobody.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { addressesOf, type Endpoint, formatEndpoint, isLoopback } from './endpoint.js';
import type { Readiness } from './readiness.js';

/** For each address; one more is closed at once. */
const connectionsMax = 32;
const headerBytesMax = 8_192;
const headersMax = 64;
/** Milliseconds for a whole request, and for a connection to be idle. */
const requestMs = 5_000;
/** Milliseconds between two looks at who is too slow. */
const checkMs = 1_000;

export interface HttpServerOptions {
  readonly endpoint: Endpoint;
  readonly metrics: Registry;
  readonly readiness: Readiness;
  readonly logger: Logger;
}

/** Metrics cannot be served where they were to be. */
export class MetricsListenError extends Error {
  override readonly name = 'MetricsListenError';
}

interface Answer {
  readonly status: number;
  readonly type?: string;
  readonly text: string;
}

const plainText = 'text/plain; charset=utf-8';

export class HttpServer {
  readonly #options: HttpServerOptions;
  readonly #servers: Server[] = [];

  private constructor(options: HttpServerOptions) {
    this.#options = options;
  }

  /** Rejects with MetricsListenError. */
  static async open(options: HttpServerOptions): Promise<HttpServer> {
    const opened = new HttpServer(options);
    try {
      await opened.#listen();
    } catch (error) {
      await opened.close();
      const reason = error instanceof Error ? error.message : String(error);
      throw new MetricsListenError(`cannot serve metrics on ${formatEndpoint(options.endpoint)}: ${reason}`, { cause: error });
    }
    return opened;
  }

  /** With the port that it got. */
  get url(): string {
    const { port } = this.#servers[0]!.address() as AddressInfo;
    return `http://${formatEndpoint({ ...this.#options.endpoint, port })}/metrics`;
  }

  async close(): Promise<void> {
    await Promise.all(
      this.#servers.map(async (server) => {
        if (!server.listening) return;
        const closed = once(server, 'close');
        server.close();
        server.closeAllConnections();
        await closed;
      }),
    );
  }

  /** A name may have several addresses; those of a family that this machine does not speak are left out. */
  async #listen(): Promise<void> {
    const { endpoint, logger } = this.#options;
    let { port } = endpoint;
    let unavailable: unknown;
    for (const host of await addressesOf(endpoint)) {
      const server = this.#newServer();
      try {
        server.listen(host === '' ? { port } : { host, port });
        await once(server, 'listening');
      } catch (error) {
        if (!isUnavailable(error)) throw error;
        unavailable = error;
        continue;
      }
      server.on('error', (error) => logger.error({ err: error }, 'failed to accept a connection for metrics'));
      ({ port } = server.address() as AddressInfo);
      this.#servers.push(server);
      if (!isLoopback(host)) {
        logger.warn(`metrics are served on ${host || 'every address'}: anyone who can connect there can read them`);
      }
    }
    if (this.#servers.length === 0) throw unavailable;
  }

  #newServer(): Server {
    const options = {
      maxHeaderSize: headerBytesMax,
      headersTimeout: requestMs,
      requestTimeout: requestMs,
      keepAliveTimeout: requestMs,
      connectionsCheckingInterval: checkMs,
    };
    const server = createServer(options, (request, response) => void this.#handle(request, response));
    server.maxConnections = connectionsMax;
    server.maxHeadersCount = headersMax;
    server.timeout = requestMs;
    return server;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let answer: Answer;
    try {
      answer = await this.#answer(request, response);
    } catch (error) {
      this.#options.logger.error({ err: error }, 'collecting metrics failed');
      answer = { status: 500, text: 'internal error\n' };
    }
    const body = Buffer.from(answer.text);
    response.writeHead(answer.status, {
      'Content-Type': answer.type ?? plainText,
      'Content-Length': body.length,
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
    });
    response.end(body);
  }

  async #answer({ method, url = '', headers }: IncomingMessage, response: ServerResponse): Promise<Answer> {
    // Nothing here takes a body: a client that sends one is not read any further.
    if (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0) {
      response.shouldKeepAlive = false;
      if (method === 'GET' || method === 'HEAD') return { status: 413, text: 'no body is expected\n' };
    }
    const path = url.split('?', 1)[0]!;
    if (!paths.has(path)) return { status: 404, text: `not found; there are ${[...paths].join(', ')}\n` };
    if (method !== 'GET' && method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      return { status: 405, text: 'only GET and HEAD\n' };
    }
    switch (path) {
      case '/metrics': {
        const { metrics } = this.#options;
        return { status: 200, type: metrics.contentType, text: await metrics.metrics() };
      }
      case '/readyz':
        return this.#ready();
      default:
        return { status: 200, text: 'ok\n' };
    }
  }

  async #ready(): Promise<Answer> {
    const reasons = await this.#options.readiness.reasons();
    if (reasons.length === 0) return { status: 200, text: 'ready\n' };
    return { status: 503, text: reasons.map((reason) => `not ready: ${reason}\n`).join('') };
  }
}

const paths: ReadonlySet<string> = new Set(['/metrics', '/healthz', '/readyz']);

function isUnavailable(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT';
}
