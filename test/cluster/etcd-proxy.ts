/** Stands between a node and a member of etcd, and can keep an answer from the node: nobody else can do that at the right moment. */
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** `cut`: etcd has done it, and the connection ends without an answer. `keep`: no answer ever comes. */
export type Fate = 'pass' | 'cut' | 'keep';

export class EtcdProxy {
  /** Asked when etcd has answered an append. */
  onAppended: () => Fate = () => 'pass';
  readonly #server: http.Server;
  readonly #agent = new http.Agent({ keepAlive: true });

  private constructor(private readonly target: string) {
    this.#server = http.createServer((request, response) => void this.#pass(request, response));
  }

  static async before(target: string): Promise<EtcdProxy> {
    const proxy = new EtcdProxy(target);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const body = Buffer.concat(pieces);
    const isAppend = request.url === '/v3/kv/txn' && body.includes('requestPut');
    const { method, headers } = request;
    const asked = http.request(new URL(request.url!, this.target), { method, headers, agent: this.#agent }, (answer) => {
      const fate = isAppend && answer.statusCode === 200 ? this.onAppended() : 'pass';
      if (fate === 'pass') {
        response.writeHead(answer.statusCode!, answer.headers);
        response.flushHeaders();
        answer.pipe(response);
        return;
      }
      answer.resume();
      if (fate === 'cut') response.destroy();
    });
    asked.on('error', () => response.destroy());
    response.on('close', () => {
      if (!response.writableFinished) asked.destroy();
    });
    asked.end(body);
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    this.#agent.destroy();
    await closed;
  }
}
