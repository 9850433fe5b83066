/** An SMTP server on loopback that keeps what it is sent, or refuses it as it is told to. */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export interface TakenMail {
  readonly from: string;
  readonly to: readonly string[];
  /** As it was sent, lines ended by LF. */
  readonly data: string;
}

export class SmtpSink {
  readonly mails: TakenMail[] = [];
  /** The answer to the next RCPT TO, in the place of 250. */
  refusal: string | undefined;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<SmtpSink> {
    const server = createServer((socket) => sink.#serve(socket));
    const sink = new SmtpSink(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return sink;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  stop(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #serve(socket: Socket): void {
    let [waiting, from, to, data] = ['', '', [] as string[], undefined as string[] | undefined];
    const say = (line: string): void => void socket.write(`${line}\r\n`);
    const hear = (line: string): void => {
      if (data !== undefined && line !== '.') data.push(line.replace(/^\.\./, '.'));
      else if (data !== undefined) {
        this.mails.push({ from, to, data: data.join('\n') });
        data = undefined;
        say('250 taken');
      } else if (/^EHLO /i.test(line)) say('250-sink.example\r\n250 8BITMIME');
      else if (/^MAIL FROM:/i.test(line)) {
        [from, to] = [/<(.*?)>/.exec(line)?.[1] ?? '', []];
        say('250 ok');
      } else if (/^RCPT TO:/i.test(line)) {
        const { refusal } = this;
        this.refusal = undefined;
        if (refusal === undefined) to.push(/<(.*?)>/.exec(line)?.[1] ?? '');
        say(refusal ?? '250 ok');
      } else if (/^DATA$/i.test(line)) {
        data = [];
        say('354 go on');
      } else if (/^QUIT$/i.test(line)) socket.end('221 bye\r\n');
      else say('250 ok');
    };
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      waiting += chunk.toString('utf8');
      const lines = waiting.split('\r\n');
      waiting = lines.pop() ?? '';
      lines.forEach(hear);
    });
    say('220 sink.example');
  }
}
