/** The SMTP server that takes the site's own mail: where it is, and how one message is given to it. */
import { invalid, MailError } from './errors.js';
import { told } from './told.js';

export type RelaySecurity =
  /** TLS from the first byte on; the certificate is checked. */
  | 'tls'
  /** STARTTLS is a must; the certificate is checked. */
  | 'starttls'
  /** STARTTLS where it is offered, whatever the certificate, as mail servers do among themselves. */
  | 'may'
  | 'none';

export interface RelayAddress {
  readonly host: string;
  readonly port: number;
  readonly security: RelaySecurity;
}

export interface RelayCredentials {
  readonly user: string;
  readonly password: string;
}

export interface PlainMail {
  readonly from: string;
  readonly to: string;
  /** The owner of the address; empty where that is not known. */
  readonly toName: string;
  readonly subject: string;
  readonly text: string;
}

const relayPorts: Readonly<Record<RelaySecurity, number>> = { tls: 465, starttls: 587, may: 25, none: 25 };
const portMax = 65_535;
const waitMs = { connect: 10_000, greeting: 10_000, silence: 30_000 } as const;
const underWayMax = 10;
const reasonLengthMax = 300;
/** A dot-atom at a host name: what needs no quotes, in SMTP and in a header. */
const plainAddress = /^[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*@[a-z0-9-]+(?:\.[a-z0-9-]+)+$/i;

/** `127.0.0.1`, `mail.example.com:587/starttls`. @throws MailError `invalid` */
export function parseRelay(text: string): RelayAddress {
  const [, bracketed, plain = '', typedPort, typedSecurity] =
    /^(?:\[([\da-f:.]+)\]|([\w.-]+))(?::(\d{1,5}))?(?:\/(tls|starttls|none))?$/i.exec(text.trim()) ?? [];
  const host = bracketed ?? plain;
  const security = (typedSecurity?.toLowerCase() ?? (typedPort === '465' ? 'tls' : 'may')) as RelaySecurity;
  const port = typedPort === undefined ? relayPorts[security] : Number(typedPort);
  if (host === '' || port < 1 || port > portMax)
    throw invalid('relay', `“${text}” names no server: write 127.0.0.1, mail.example.com:25 or mail.example.com:587/starttls`);
  return { host, port, security };
}

/** Whether mail can be sent to or from it as it is written. */
export function isPlainAddress(address: string): boolean {
  return plainAddress.test(address);
}

export class MailRelay {
  readonly address: RelayAddress;
  readonly #credentials: RelayCredentials | undefined;
  #underWay = 0;

  /** @throws MailError `invalid` where a password would go over the network in clear */
  constructor(address: RelayAddress, credentials?: RelayCredentials) {
    const isLocal = address.host === 'localhost' || address.host === '::1' || address.host.startsWith('127.');
    if (credentials !== undefined && !isLocal && (address.security === 'may' || address.security === 'none'))
      throw invalid('relay', `a password is sent over TLS only: write ${address.host}:${address.port}/starttls or /tls`);
    this.address = address;
    this.#credentials = credentials;
  }

  /** Resolves once the server has taken it. @throws MailError `not-sent` that says why not */
  async send(mail: PlainMail): Promise<void> {
    if (this.#underWay >= underWayMax) throw new MailError('not-sent', told('notSentBusy'));
    for (const address of [mail.from, mail.to]) {
      if (!isPlainAddress(address)) throw new MailError('not-sent', told('notSentAddress', { address: oneLine(address) }));
    }
    this.#underWay++;
    try {
      await this.#give(mail);
    } catch (error) {
      const { host, port } = this.address;
      const reason = error instanceof Error ? error.message : String(error);
      const what = told('notSent', { reason: `${host}:${port}: ${cut(oneLine(reason))}` });
      throw new MailError('not-sent', what, undefined, { cause: error });
    } finally {
      this.#underWay--;
    }
  }

  async #give({ from, to, toName, subject, text }: PlainMail): Promise<void> {
    // Only few commands send mail.
    const { createTransport } = await import('nodemailer');
    const { host, port, security } = this.address;
    const transport = createTransport({
      host,
      port,
      secure: security === 'tls',
      requireTLS: security === 'starttls',
      ignoreTLS: security === 'none',
      tls: { rejectUnauthorized: security !== 'may' },
      connectionTimeout: waitMs.connect,
      greetingTimeout: waitMs.greeting,
      socketTimeout: waitMs.silence,
      disableFileAccess: true,
      disableUrlAccess: true,
      ...(this.#credentials === undefined ? {} : { auth: { user: this.#credentials.user, pass: this.#credentials.password } }),
    });
    try {
      await transport.sendMail({
        from: { name: '', address: from },
        to: { name: oneLine(toName), address: to },
        envelope: { from, to: [to] },
        subject: oneLine(subject),
        text,
        // RFC 3834: nobody's holiday notice answers it.
        headers: { 'Auto-Submitted': 'auto-generated' },
      });
    } finally {
      transport.close();
    }
  }
}

/** Nothing that ends a line, or a header, stays in it. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
}

function cut(text: string): string {
  return text.length > reasonLengthMax ? `${text.slice(0, reasonLengthMax)}...` : text;
}
