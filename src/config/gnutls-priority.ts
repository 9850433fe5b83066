/**
 * Translates GnuTLS priority strings (`SECURE256:-VERS-TLS1.0`), which Debian's slapd accepts as TLSCipherSuite, into
 * OpenSSL's terms. Any other text is an OpenSSL cipher list and is left alone.
 */
import { ConfigError } from './directive.js';

export interface TlsPriority {
  /** An OpenSSL cipher list. */
  readonly ciphers: string;
  readonly protocolMin: '1.2' | '1.3';
  readonly protocolMax: '1.2' | '1.3';
}

interface Suite {
  readonly name: string;
  /** '1.3': any key exchange. */
  readonly exchange: string;
  readonly cipher: string;
  readonly mac: string;
}

const exchanges: readonly (readonly [exchange: string, prefix: string])[] = [
  ['ECDHE-ECDSA', 'ECDHE-ECDSA-'],
  ['ECDHE-RSA', 'ECDHE-RSA-'],
  ['DHE-RSA', 'DHE-RSA-'],
  ['RSA', ''],
];

/** Of TLS 1.2, strongest first; `none` are key exchanges that have no such suite. */
const suites12: readonly (readonly [name: string, cipher: string, mac: string, none?: readonly string[]])[] = [
  ['AES256-GCM-SHA384', 'AES-256-GCM', 'AEAD'],
  ['CHACHA20-POLY1305', 'CHACHA20-POLY1305', 'AEAD', ['RSA']],
  ['AES256-CCM', 'AES-256-CCM', 'AEAD', ['ECDHE-RSA']],
  ['AES128-GCM-SHA256', 'AES-128-GCM', 'AEAD'],
  ['AES128-CCM', 'AES-128-CCM', 'AEAD', ['ECDHE-RSA']],
  ['AES256-SHA384', 'AES-256-CBC', 'SHA384', ['DHE-RSA', 'RSA']],
  ['AES256-SHA256', 'AES-256-CBC', 'SHA256', ['ECDHE-ECDSA', 'ECDHE-RSA']],
  ['AES256-SHA', 'AES-256-CBC', 'SHA1'],
  ['AES128-SHA256', 'AES-128-CBC', 'SHA256'],
  ['AES128-SHA', 'AES-128-CBC', 'SHA1'],
];

const suites: readonly Suite[] = [
  { name: 'TLS_AES_256_GCM_SHA384', exchange: '1.3', cipher: 'AES-256-GCM', mac: 'AEAD' },
  { name: 'TLS_CHACHA20_POLY1305_SHA256', exchange: '1.3', cipher: 'CHACHA20-POLY1305', mac: 'AEAD' },
  { name: 'TLS_AES_128_GCM_SHA256', exchange: '1.3', cipher: 'AES-128-GCM', mac: 'AEAD' },
  { name: 'TLS_AES_128_CCM_SHA256', exchange: '1.3', cipher: 'AES-128-CCM', mac: 'AEAD' },
  ...exchanges.flatMap(([exchange, prefix]) =>
    suites12
      .filter(([, , , none]) => !none?.includes(exchange))
      .map(([name, cipher, mac]) => ({ name: prefix + name, exchange, cipher, mac })),
  ),
];

const ciphers256 = ['AES-256-GCM', 'CHACHA20-POLY1305', 'AES-256-CCM', 'AES-256-CBC'];
const ciphersAll = [...ciphers256, 'AES-128-GCM', 'AES-128-CCM', 'AES-128-CBC'];
const exchangesAll = exchanges.map(([exchange]) => exchange);
const versionsAll = ['TLS1.2', 'TLS1.3'];

interface Choice {
  readonly versions: Set<string>;
  readonly ciphers: Set<string>;
  readonly exchanges: Set<string>;
  readonly macs: Set<string>;
}

function choice(versions: readonly string[], ciphers: readonly string[], kx: readonly string[], macs: readonly string[]): Choice {
  return { versions: new Set(versions), ciphers: new Set(ciphers), exchanges: new Set(kx), macs: new Set(macs) };
}

const normal = (): Choice => choice(versionsAll, ciphersAll, exchangesAll, ['SHA1', 'AEAD']);
const secure256 = (): Choice => choice(versionsAll, ciphers256, exchangesAll, ['AEAD']);

/** What `gnutls-cli --list --priority` of GnuTLS 3.7 shows for each, without what OpenSSL has not. */
const beginnings: ReadonlyMap<string, () => Choice> = new Map([
  ['NORMAL', normal],
  ['SYSTEM', normal],
  ['@SYSTEM', normal],
  ['LEGACY', normal],
  ['PERFORMANCE', normal],
  ['SECURE128', normal],
  ['SECURE192', secure256],
  ['SECURE256', secure256],
  ['PFS', () => choice(versionsAll, ciphersAll, exchangesAll.slice(0, 3), ['SHA1', 'AEAD'])],
  ['SUITEB128', () => choice(['TLS1.2'], ['AES-256-GCM', 'AES-128-GCM'], ['ECDHE-ECDSA'], ['AEAD'])],
  ['SUITEB192', () => choice(['TLS1.2'], ['AES-256-GCM'], ['ECDHE-ECDSA'], ['AEAD'])],
  ['NONE', () => choice([], [], [], [])],
]);

/** Matches a whole word that one of the patterns describes. */
function anyOf(...patterns: readonly (readonly string[])[]): RegExp {
  return new RegExp(`^(?:${patterns.flat().join('|')})$`);
}

/** What GnuTLS knows and is never offered here. */
const neverOffered = anyOf(
  ['VERS-(?:SSL3\\.0|TLS1\\.[01]|DTLS[\\d.]+|DTLS-ALL)'],
  ['3DES-CBC', 'ARCFOUR-(?:128|40)', 'RC2-40', 'NULL', 'CAMELLIA-(?:128|192|256)-(?:CBC|GCM)', 'SALSA20-256', 'GOST.*'],
  ['AES-192-CBC', 'AES-(?:128|256)-CCM-8'],
  ['ANON-(?:DH|ECDH)', '(?:DHE-|ECDHE-|RSA-)?PSK', 'SRP(?:-RSA|-DSS)?', 'DHE-DSS', 'RSA-EXPORT'],
  ['MD5', 'RIPEMD160', 'UMAC-(?:96|128)'],
  ['CTYPE-(?:OPENPGP|RAWPK|CLI-RAWPK|SRV-RAWPK)', 'COMP-(?:DEFLATE|ZLIB|LZO)'],
);
/** Chosen by Node.js. */
const chosenByNode = /^(?:SIGN|GROUP|CURVE)-[A-Z0-9-]+$/;
/** Words that ask for what is done in any case, or that a server on OpenSSL has no use for. */
const withoutEffect = anyOf(
  ['CTYPE-(?:X509|X\\.509|ALL|CLI-X509|SRV-X509)', 'COMP-(?:NULL|ALL)', '(?:SIGN|GROUP|CURVE)-ALL'],
  ['%SERVER_PRECEDENCE', '%COMPAT', '%(?:SAFE|PARTIAL)_RENEGOTIATION', '%(?:LATEST|SSL3)_RECORD_VERSION'],
  ['%STATELESS_COMPRESSION', '%DUMBFW', '%FALLBACK_SCSV', '%DISABLE_WILDCARDS', '%(?:PROFILE|VERIFY)_[A-Z0-9_]+'],
);

const groups: ReadonlyMap<string, readonly [part: keyof Choice, values: readonly string[]]> = new Map<
  string,
  readonly [keyof Choice, readonly string[]]
>([
  ['VERS-ALL', ['versions', versionsAll]],
  ['VERS-TLS-ALL', ['versions', versionsAll]],
  ['CIPHER-ALL', ['ciphers', ciphersAll]],
  ['KX-ALL', ['exchanges', exchangesAll]],
  ['MAC-ALL', ['macs', ['SHA1', 'AEAD']]],
  ...versionsAll.map((version) => [`VERS-${version}`, ['versions', [version]]] as const),
  ...ciphersAll.map((cipher) => [cipher, ['ciphers', [cipher]]] as const),
  ...exchangesAll.map((exchange) => [exchange, ['exchanges', [exchange]]] as const),
  ...['SHA1', 'SHA256', 'SHA384', 'AEAD'].map((mac) => [mac, ['macs', [mac]]] as const),
]);

/** Undefined where the text is no priority string. Throws ConfigError where a word of it means nothing, or nothing is left. */
export function gnutlsPriority(text: string, warn: (message: string) => void): TlsPriority | undefined {
  const [first = '', ...words] = text.split(/[:, ]+/).filter((word) => word !== '');
  const begin = beginnings.get(first.toUpperCase());
  if (!begin) {
    if (!first.startsWith('@')) return undefined;
    throw new ConfigError(`TLSCipherSuite: "${first}" refers to GnuTLS's own configuration, which jammd does not read`);
  }
  const chosen = begin();
  for (const word of words) change(chosen, word, warn);
  const names = suites
    .filter(({ exchange, cipher, mac }) => {
      const fits =
        exchange === '1.3' ? chosen.versions.has('TLS1.3') : chosen.versions.has('TLS1.2') && chosen.exchanges.has(exchange);
      return fits && chosen.ciphers.has(cipher) && chosen.macs.has(mac);
    })
    .map(({ name }) => name);
  if (names.length === 0) throw new ConfigError(`TLSCipherSuite "${text}" leaves no cipher suite of TLS 1.2 or 1.3`);
  return {
    ciphers: names.join(':'),
    protocolMin: chosen.versions.has('TLS1.2') ? '1.2' : '1.3',
    protocolMax: chosen.versions.has('TLS1.3') ? '1.3' : '1.2',
  };
}

function change(chosen: Choice, word: string, warn: (message: string) => void): void {
  const upper = word.toUpperCase();
  const sign = /^[-+!]/.exec(upper)?.[0];
  const name = upper.slice(sign?.length ?? 0);
  if (withoutEffect.test(name)) return;
  if (name.startsWith('%')) return warn(`TLSCipherSuite: "${word}" has no effect`);
  if (sign === undefined) throw new ConfigError(`TLSCipherSuite: "${word}" needs + or - before it`);
  const group = groups.get(name);
  if (group) {
    const [part, values] = group;
    if (sign !== '+' && name.endsWith('-ALL')) return chosen[part].clear();
    for (const value of values) {
      if (sign === '+') chosen[part].add(value);
      else chosen[part].delete(value);
    }
    return;
  }
  if (chosenByNode.test(name)) return warn(`TLSCipherSuite: "${word}" has no effect: Node.js chooses groups and signatures`);
  if (!neverOffered.test(name)) throw new ConfigError(`TLSCipherSuite: "${word}" is not part of a GnuTLS priority string`);
  if (sign === '+') warn(`TLSCipherSuite: "${word}" is never offered`);
}
