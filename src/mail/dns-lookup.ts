/** Questions to the system's resolver, or to other servers, in bounded time. */
import { Resolver } from 'node:dns/promises';
import { invalid } from './errors.js';

const limits = {
  /** Of one question to one server, and how often it is asked. */
  questionMs: 2_000,
  tries: 2,
  /** Of all that is asked for one domain. */
  totalMs: 12_000,
  records: 20,
  textLength: 1_000,
} as const;

/** What these say is that there is no such record; all other codes say nothing. */
const absentCodes: ReadonlySet<unknown> = new Set(['ENOTFOUND', 'ENODATA']);

/** The resolver did not answer, or refused to. */
export class DnsFailure extends Error {
  override readonly name = 'DnsFailure';
}

export interface MailExchanger {
  /** Without the dot at the end; empty for a domain that takes no mail (RFC 7505). */
  readonly host: string;
  readonly priority: number;
}

export interface ServiceRecord {
  readonly host: string;
  readonly port: number;
}

/** @throws MailError `invalid` for what is no address of a DNS server */
export function checkDnsServer(text: string, field = 'dnsServer'): string {
  try {
    new Resolver().setServers([text]);
    return text;
  } catch {
    throw invalid(field, `“${text}” is not the address of a DNS server: write 192.0.2.53 or [2001:db8::53]:5353`);
  }
}

/** For one domain's questions. Nothing that is asked after the time is up is answered. */
export class DnsLookup {
  readonly #resolver = new Resolver({ timeout: limits.questionMs, tries: limits.tries });
  readonly #timer: NodeJS.Timeout;
  #late = false;

  /** `servers`: in the place of the system's. */
  constructor(servers: readonly string[] = []) {
    if (servers.length > 0) this.#resolver.setServers([...servers]);
    this.#timer = setTimeout(() => {
      this.#late = true;
      this.#resolver.cancel();
    }, limits.totalMs);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#resolver.cancel();
  }

  async exchangers(name: string): Promise<readonly MailExchanger[]> {
    const records = await this.#ask(() => this.#resolver.resolveMx(name));
    return records
      .map(({ exchange, priority }) => ({ host: plainName(exchange), priority }))
      .sort((left, right) => left.priority - right.priority);
  }

  /** Each as one text. */
  async texts(name: string): Promise<readonly string[]> {
    return (await this.#ask(() => this.#resolver.resolveTxt(name))).map((parts) =>
      printable(parts.join('').slice(0, limits.textLength)),
    );
  }

  async addresses(name: string): Promise<readonly string[]> {
    const [four, six] = await Promise.all([
      this.#ask(() => this.#resolver.resolve4(name)),
      this.#ask(() => this.#resolver.resolve6(name)),
    ]);
    return [...four, ...six];
  }

  /** What a name is another name of. */
  async target(name: string): Promise<string | undefined> {
    const [first] = await this.#ask(() => this.#resolver.resolveCname(name));
    return first === undefined ? undefined : plainName(first);
  }

  async services(name: string): Promise<readonly ServiceRecord[]> {
    return (await this.#ask(() => this.#resolver.resolveSrv(name))).map(({ name: host, port }) => ({
      host: plainName(host),
      port,
    }));
  }

  async #ask<T>(question: () => Promise<T[]>): Promise<T[]> {
    if (this.#late) throw new DnsFailure('the time is up');
    try {
      return (await question()).slice(0, limits.records);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (absentCodes.has(code)) return [];
      throw new DnsFailure(String(code), { cause: error });
    }
  }
}

function plainName(name: string): string {
  return printable(name.replace(/\.$/, '').toLowerCase());
}

/** Strangers write these records, and they are shown on terminals. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?');
}
