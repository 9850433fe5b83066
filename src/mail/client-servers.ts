/** The servers that mail programs use, as the site names them: for all domains, or for one that has its own. */
import { parseDomain, parseLocalPart, splitAddress } from './address.js';
import { invalid } from './errors.js';

export const mailProtocols = ['imap', 'pop', 'smtp'] as const;
export type MailProtocol = (typeof mailProtocols)[number];

export const connectionSecurities = ['tls', 'starttls', 'none'] as const;
export type ConnectionSecurity = (typeof connectionSecurities)[number];

export interface ClientServer {
  readonly protocol: MailProtocol;
  readonly host: string;
  readonly port: number;
  readonly security: ConnectionSecurity;
}

/** What a mail program of one domain is told. */
export interface ClientSettings {
  /** IMAP first; at least one. */
  readonly incoming: readonly ClientServer[];
  readonly outgoing: ClientServer;
}

/** RFC 8314: TLS from the first byte on. */
const tlsPorts: Readonly<Record<MailProtocol, number>> = { imap: 993, pop: 995, smtp: 465 };
const startTlsPorts: ReadonlySet<number> = new Set([110, 143, 25, 587]);
const portMax = 65_535;

/** As typed, by protocol: `mail.example.com`, `mail.example.com:143/starttls`, `example.net=imap.example.net`. */
export type TypedServers = Readonly<Partial<Record<MailProtocol, readonly string[]>>>;

export class ClientServers {
  /** By protocol and domain; under '' for all that have none of their own. */
  readonly #servers: ReadonlyMap<MailProtocol, ReadonlyMap<string, ClientServer>>;

  private constructor(servers: ReadonlyMap<MailProtocol, ReadonlyMap<string, ClientServer>>) {
    this.#servers = servers;
  }

  /** Undefined where nothing is named. @throws MailError `invalid`, whose field is the protocol */
  static parse(typed: TypedServers): ClientServers | undefined {
    const servers = new Map(mailProtocols.map((protocol) => [protocol, parseAll(protocol, typed[protocol] ?? [])]));
    if ([...servers.values()].every((byDomain) => byDomain.size === 0)) return undefined;
    const parsed = new ClientServers(servers);
    for (const domain of new Set([...servers.values()].flatMap((byDomain) => [...byDomain.keys()]))) {
      const of = domain === '' ? '' : ` of ${domain}`;
      if (parsed.#one('smtp', domain) === undefined)
        throw invalid('smtp', `the server that mail programs${of} send through is missing`);
      if (parsed.#incoming(domain).length === 0) throw invalid('imap', `the server that mail programs${of} read from is missing`);
    }
    return parsed;
  }

  /** Undefined for a domain that nothing is said of. */
  of(domain: string): ClientSettings | undefined {
    const [incoming, outgoing] = [this.#incoming(domain), this.#one('smtp', domain)];
    return incoming.length === 0 || outgoing === undefined ? undefined : { incoming, outgoing };
  }

  #incoming(domain: string): readonly ClientServer[] {
    return (['imap', 'pop'] as const).flatMap((protocol) => this.#one(protocol, domain) ?? []);
  }

  #one(protocol: MailProtocol, domain: string): ClientServer | undefined {
    const byDomain = this.#servers.get(protocol);
    return byDomain?.get(domain) ?? byDomain?.get('');
  }
}

function parseAll(protocol: MailProtocol, texts: readonly string[]): ReadonlyMap<string, ClientServer> {
  const byDomain = new Map<string, ClientServer>();
  for (const text of texts) {
    const { domain, server } = parseServer(protocol, text);
    if (byDomain.has(domain)) throw invalid(protocol, `${text}: a second one for ${domain === '' ? 'all domains' : domain}`);
    byDomain.set(domain, server);
  }
  return byDomain;
}

function parseServer(protocol: MailProtocol, text: string): { domain: string; server: ClientServer } {
  const [, domain = '', host = '', typedPort, typedSecurity] =
    /^(?:([^=]*)=)?([^=:/]+)(?::(\d{1,5}))?(?:\/(\w+))?$/.exec(text.trim()) ?? [];
  const security = connectionSecurities.find((one) => one === typedSecurity?.toLowerCase());
  const port =
    typedPort === undefined ? (security === undefined ? tlsPorts[protocol] : portOf(protocol, security)) : Number(typedPort);
  if (host === '' || port < 1 || port > portMax || (typedSecurity !== undefined && security === undefined)) {
    const example = `mail.example.com, mail.example.com:${portOf(protocol, 'starttls')}/starttls or example.net=mail.example.net`;
    throw invalid(protocol, `“${text}” names no server: write ${example}`);
  }
  return {
    domain: domain === '' ? '' : parseDomain(domain, protocol),
    server: {
      protocol,
      host: parseDomain(host, protocol),
      port,
      security: security ?? (startTlsPorts.has(port) ? 'starttls' : 'tls'),
    },
  };
}

function portOf(protocol: MailProtocol, security: ConnectionSecurity): number {
  return security === 'tls' ? tlsPorts[protocol] : { imap: 143, pop: 110, smtp: 587 }[protocol];
}

/**
 * An address as a stranger's mail program sends it, with its domain. Whether there is such an account is not looked up: what follows is
 * the same for all of a domain.
 *
 * @throws MailError `invalid`
 */
export function parseClientAddress(text: string): { readonly address: string; readonly domain: string } {
  const [local, typed] = splitAddress(text.trim());
  const domain = parseDomain(typed, 'emailaddress');
  return { address: `${parseLocalPart(local, domain, 'emailaddress')}@${domain}`, domain };
}
