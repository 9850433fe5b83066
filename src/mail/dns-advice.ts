/** Which DNS records a mail domain has, which it should have, and what to put in. What it says is looked at, never followed. */
import type { ClientServer } from './client-servers.js';
import type { MailContext } from './context.js';
import { DnsFailure, DnsLookup } from './dns-lookup.js';
import { isDmarc, isSpf, judgeDkim, judgeDmarc, judgeSpf, type DnsState, type Judgement } from './dns-records.js';
import { noDnsSettings, parseSelector, type DnsSettings } from './dns-settings.js';
import { getOwnDomain } from './domains.js';
import { invalid, MailError } from './errors.js';
import { told, type Told } from './told.js';

export const dnsSubjects = ['mx', 'spf', 'dkim', 'dmarc', 'autoconfig', 'autodiscover', 'service'] as const;
export type DnsSubject = (typeof dnsSubjects)[number];

export interface DnsFinding {
  readonly subject: DnsSubject;
  /** The name that was asked for. */
  readonly name: string;
  /** As in a zone file, without the name. */
  readonly found: readonly string[];
  readonly state: DnsState;
  readonly says: Told;
  /** A line for the zone file; undefined where there is nothing to do, or the site alone knows it. */
  readonly putIn: string | undefined;
}

const exchangersLookedAt = 5;
const selectorsMax = 5;
const runsMax = 8;
let running = 0;

/** For somebody who administers the domain. `selectors`: of DKIM keys, in the place of the site's. */
export async function dnsAdvice(
  context: MailContext,
  domainName: string,
  selectors: readonly string[] = [],
): Promise<readonly DnsFinding[]> {
  const { name } = await getOwnDomain(context, domainName);
  const settings = context.settings.dns ?? noDnsSettings;
  const wanted = [...new Set((selectors.length > 0 ? selectors : settings.selectors).map((one) => parseSelector(one)))];
  if (wanted.length > selectorsMax) throw invalid('selector', told('selectorsTooMany', { most: selectorsMax }));
  if (running >= runsMax) throw new MailError('conflict', told('dnsBusy'));
  running++;
  const lookup = new DnsLookup(settings.servers);
  try {
    const examiner = new Examiner(lookup, name, settings);
    const servers = context.settings.clientServers?.of(name);
    const services = servers === undefined ? [] : [...servers.incoming, servers.outgoing];
    const outgoing = servers?.outgoing.host;
    return await Promise.all([
      examiner.mx(outgoing),
      examiner.spf(),
      ...(wanted.length === 0 ? [examiner.noSelector()] : wanted.map((one) => examiner.dkim(one))),
      examiner.dmarc(),
      examiner.web('autoconfig'),
      examiner.web('autodiscover'),
      ...services.map((server) => examiner.service(server)),
    ]);
  } finally {
    running--;
    lookup.close();
  }
}

type Finding = Omit<DnsFinding, 'subject' | 'name'>;

const finding = ({ state, says }: Judgement, found: readonly string[], putIn?: string): Finding => ({
  state,
  says,
  found,
  putIn,
});

class Examiner {
  readonly #lookup: DnsLookup;
  readonly #domain: string;
  readonly #settings: DnsSettings;

  constructor(lookup: DnsLookup, domain: string, settings: DnsSettings) {
    this.#lookup = lookup;
    this.#domain = domain;
    this.#settings = settings;
  }

  mx(outgoingHost: string | undefined): Promise<DnsFinding> {
    const { mailHosts } = this.#settings;
    const host = mailHosts[0] ?? outgoingHost;
    const putIn = host === undefined ? undefined : `${this.#domain}. IN MX 10 ${host}.`;
    return this.#examine('mx', this.#domain, async () => {
      const records = await this.#lookup.exchangers(this.#domain);
      const found = records.map(({ priority, host: exchange }) => `MX ${priority} ${exchange}.`);
      const hosts = records.map((record) => record.host);
      const judged = await this.#judgeExchangers(hosts);
      return finding(judged, found, judged.state === 'good' ? undefined : putIn);
    });
  }

  async #judgeExchangers(hosts: readonly string[]): Promise<Judgement> {
    const { mailHosts } = this.#settings;
    if (hosts.length === 0) return { state: 'missing', says: told('mxMissing') };
    if (hosts.includes('')) return { state: 'wrong', says: told('mxRefuses') };
    const list = hosts.join(', ');
    if (mailHosts.length > 0 && !mailHosts.some((host) => hosts.includes(host)))
      return { state: 'wrong', says: told('mxElsewhere', { hosts: list, expected: mailHosts.join(', ') }) };
    for (const host of hosts.slice(0, exchangersLookedAt)) {
      const target = await this.#lookup.target(host);
      if (target !== undefined) return { state: 'advice', says: told('mxIsAlias', { host, target }) };
      if ((await this.#lookup.addresses(host)).length === 0) return { state: 'wrong', says: told('mxNoAddress', { host }) };
    }
    return { state: 'good', says: told('mxGood', { hosts: list }) };
  }

  spf(): Promise<DnsFinding> {
    return this.#examine('spf', this.#domain, async () => {
      const records = (await this.#lookup.texts(this.#domain)).filter(isSpf);
      const judged = judgeSpf(records);
      return finding(judged, records.map(txt), putInUnlessGood(judged, this.#domain, 'v=spf1 mx ~all'));
    });
  }

  dkim(selector: string): Promise<DnsFinding> {
    const name = `${selector}._domainkey.${this.#domain}`;
    return this.#examine('dkim', name, async () => {
      const records = await this.#lookup.texts(name);
      return finding(judgeDkim(records), records.map(txt));
    });
  }

  noSelector(): Promise<DnsFinding> {
    const judged = finding({ state: 'unknown', says: told('dkimNoSelector') }, []);
    return this.#examine('dkim', `_domainkey.${this.#domain}`, () => Promise.resolve(judged));
  }

  /** That of a domain above holds where there is none. */
  dmarc(): Promise<DnsFinding> {
    const name = `_dmarc.${this.#domain}`;
    return this.#examine('dmarc', name, async () => {
      const labels = this.#domain.split('.');
      for (let from = 0; from === 0 || from < labels.length - 1; from++) {
        const owner = labels.slice(from).join('.');
        const records = (await this.#lookup.texts(`_dmarc.${owner}`)).filter(isDmarc);
        if (records.length > 0) return finding(judgeDmarc(records, from === 0 ? undefined : owner), records.map(txt));
      }
      const judged = judgeDmarc([]);
      return finding(judged, [], putInUnlessGood(judged, name, `v=DMARC1; p=none; rua=mailto:postmaster@${this.#domain}`));
    });
  }

  /** Where mail programs look for their settings. */
  web(subject: 'autoconfig' | 'autodiscover'): Promise<DnsFinding> {
    const name = `${subject}.${this.#domain}`;
    const { webHost } = this.#settings;
    const putIn = webHost === undefined ? undefined : `${name}. IN CNAME ${webHost}.`;
    return this.#examine(subject, name, async () => {
      const [target, addresses] = await Promise.all([this.#lookup.target(name), this.#lookup.addresses(name)]);
      const found =
        target === undefined ? addresses.map((one) => `${one.includes(':') ? 'AAAA' : 'A'} ${one}`) : [`CNAME ${target}.`];
      if (addresses.length === 0) return finding({ state: 'advice', says: told('webMissing') }, found, putIn);
      if (webHost !== undefined && target !== webHost) {
        const own = await this.#lookup.addresses(webHost);
        if (!own.some((one) => addresses.includes(one)))
          return finding({ state: 'wrong', says: told('webElsewhere', { host: webHost }) }, found, putIn);
      }
      return finding({ state: 'good', says: told('webGood') }, found);
    });
  }

  /** RFC 6186 and 8314. */
  service(server: ClientServer): Promise<DnsFinding> {
    const { host, port } = server;
    const name = `_${serviceName(server)}._tcp.${this.#domain}`;
    const putIn = `${name}. IN SRV 0 1 ${port} ${host}.`;
    return this.#examine('service', name, async () => {
      const records = await this.#lookup.services(name);
      const found = records.map((record) => `SRV ${record.port} ${record.host}.`);
      if (records.length === 0) return finding({ state: 'advice', says: told('serviceMissing') }, found, putIn);
      if (records.some((record) => record.host === host && record.port === port))
        return finding({ state: 'good', says: told('serviceGood') }, found);
      return finding({ state: 'wrong', says: told('serviceElsewhere', { server: `${host}:${port}` }) }, found, putIn);
    });
  }

  async #examine(subject: DnsSubject, name: string, examine: () => Promise<Finding>): Promise<DnsFinding> {
    try {
      return { subject, name, ...(await examine()) };
    } catch (error) {
      if (!(error instanceof DnsFailure)) throw error;
      return { subject, name, ...finding({ state: 'unknown', says: told('dnsUnknown') }, []) };
    }
  }
}

function serviceName({ protocol, security }: ClientServer): string {
  const plain = { imap: 'imap', pop: 'pop3', smtp: 'submission' }[protocol];
  return security === 'tls' ? `${plain}s` : plain;
}

function txt(text: string): string {
  return `TXT "${text}"`;
}

function putInUnlessGood({ state }: Judgement, name: string, text: string): string | undefined {
  return state === 'missing' ? `${name}. IN ${txt(text)}` : undefined;
}
