/** `syncrepl` and `updateref`: the database follows a provider (RFC 4533), as slapd.conf(5) has it. */
import type { DN } from '../dn/dn.js';
import { FilterSyntaxError, parseFilter } from '../filter/text.js';
import type { SearchScope } from '../ldap/request.js';
import type { Schema } from '../ldap/schema.js';
import { ConfigError, distinguishedName, oneOf, onlyWord, requireWords, wholeNumber, type Directive } from './directive.js';
import type { DatabaseDraft } from './draft.js';
import type { Place } from './place.js';
import type { ConfigReader } from './reader.js';
import { readRetries, readSpan } from './syncrepl-times.js';
import type { ProviderAddress, SyncreplSettings, SyncreplTls } from './syncrepl-settings.js';

type Draft = { -readonly [Key in keyof Omit<SyncreplSettings, 'tls' | 'bind'>]?: SyncreplSettings[Key] } & {
  tls: { -readonly [Key in keyof SyncreplTls]?: SyncreplTls[Key] };
  bindDN?: string;
  credentials?: string;
  method?: 'none' | 'simple';
};

const daySeconds = 86_400;
const connectSecondsDefault = 30;
const answerSecondsDefault = 60;
const keepaliveDefault = { idleSeconds: 60, patienceSeconds: 30 };

const scopes: ReadonlyMap<string, SearchScope> = new Map<string, SearchScope>([
  ['base', 'base'],
  ['one', 'one'],
  ['onelevel', 'one'],
  ['sub', 'sub'],
  ['subtree', 'sub'],
  ['subord', 'children'],
  ['subordinate', 'children'],
  ['children', 'children'],
]);

interface Source {
  readonly text: string;
  readonly name: string;
  readonly directive: Directive;
  readonly reader: ConfigReader;
  readonly database: DatabaseDraft;
}

type ParameterReader = (draft: Draft, source: Source) => void;

const noSasl = 'SASL is not supported for replication; write bindmethod=simple';
const noDelta = 'delta-syncrepl is not supported; without it, whole entries are replicated';
const ofLibrary = 'it cannot be set here';

const refused: ReadonlyMap<string, string> = new Map([
  ...['saslmech', 'authcid', 'authzid', 'realm', 'secprops'].map((name) => [name, noSasl] as const),
  ...['logbase', 'logfilter'].map((name) => [name, noDelta] as const),
  ...['tls_reqsan', 'tls_cipher_suite', 'tls_ecname', 'tls_crlcheck'].map((name) => [name, ofLibrary] as const),
  ['attrsonly', 'entries without values cannot be stored'],
  ['suffixmassage', 'names are not rewritten'],
  ['managedsait', 'referral objects are always replicated as entries'],
  ['strictrefresh', 'a refresh is always checked'],
]);

const parameters: ReadonlyMap<string, ParameterReader> = new Map<string, ParameterReader>([
  ['rid', (draft, { text, name }) => void (draft.rid = wholeNumber(text, name, 0, 999))],
  ['provider', readProvider],
  ['type', readType],
  ['interval', (draft, { text, name }) => void (draft.intervalSeconds = readSpan(text, name))],
  ['retry', readRetry],
  [
    'searchbase',
    (draft, { text, name, reader, database }) => {
      const base = distinguishedName(text, name, reader.schema);
      if (!database.suffixes.some((suffix) => base.isWithin(suffix))) {
        throw new ConfigError(`searchbase "${text}" is not within the database's suffix`);
      }
      draft.base = base;
    },
  ],
  ['scope', (draft, { text, name }) => void (draft.scope = oneOf(text, name, scopes))],
  ['filter', (draft, { text }) => void (draft.filter = checkedFilter(text))],
  ['attrs', (draft, { text, reader }) => void (draft.attributes = readAttributes(text, reader.schema))],
  ['exattrs', (draft, { text, reader }) => void (draft.excluded = readExcluded(text, reader.schema))],
  ['sizelimit', (draft, { text, name }) => void (draft.sizeLimit = limit(text, name))],
  ['timelimit', (draft, { text, name }) => void (draft.timeLimit = limit(text, name))],
  // As slapd: any other word switches it on.
  ['schemachecking', (draft, { text }) => void (draft.checksSchema = !/^off/i.test(text))],
  ['bindmethod', readMethod],
  ['binddn', (draft, { text, name, reader }) => void (draft.bindDN = distinguishedName(text, name, reader.schema).toString())],
  ['credentials', (draft, { text }) => void (draft.credentials = text)],
  [
    'starttls',
    (draft, { text, name }) => {
      draft.startTls = oneOf(
        text,
        name,
        new Map([['no', 'no'] as const, ['yes', 'yes'] as const, ['critical', 'critical'] as const]),
      );
    },
  ],
  ['tls_cert', (draft, { text }) => void (draft.tls.certificateFile = text)],
  ['tls_key', (draft, { text }) => void (draft.tls.keyFile = text)],
  ['tls_cacert', (draft, { text }) => void (draft.tls.authorityFile = text)],
  ['tls_cacertdir', (draft, { text }) => void (draft.tls.authorityFolder = text)],
  ['tls_reqcert', readRequirement],
  [
    'tls_protocol_min',
    (draft, { text }) => {
      if (!/^3\.[0-4]$/.test(text)) throw new ConfigError(`"${text}" of "tls_protocol_min" is not one of 3.0 to 3.4`);
      draft.tls.protocolMin = text === '3.4' ? '1.3' : '1.2';
    },
  ],
  ['network-timeout', (draft, { text, name }) => void (draft.connectSeconds = seconds(text, name, connectSecondsDefault))],
  ['timeout', (draft, { text, name }) => void (draft.answerSeconds = seconds(text, name, answerSecondsDefault))],
  ['keepalive', readKeepalive],
  [
    'tcp-user-timeout',
    (_, { text, name, reader, directive }) => {
      wholeNumber(text, name);
      reader.warn(directive, '"tcp-user-timeout" has no effect: a provider that does not answer is found by "keepalive"');
    },
  ],
  [
    'syncdata',
    (_, { text }) => {
      if (text.toLowerCase() !== 'default') throw new ConfigError(`"syncdata=${text}": ${noDelta}`);
    },
  ],
]);

export function readSyncrepl(directive: Directive, database: DatabaseDraft, reader: ConfigReader): void {
  requireWords(directive, 1);
  const draft: Draft = { tls: {} };
  for (const word of directive.words) readParameter(word, draft, directive, database, reader);
  const { rid, url, address, base } = draft;
  if (rid === undefined || url === undefined || !address || !base) {
    const missing = [
      ...(rid === undefined ? ['rid'] : []),
      ...(url === undefined ? ['provider'] : []),
      ...(base ? [] : ['searchbase']),
    ];
    throw new ConfigError(`"syncrepl" lacks ${missing.join(', ')}`);
  }
  if (database.syncrepls.some((other) => other.rid === rid)) throw new ConfigError(`rid ${rid} is used twice`);
  if (!draft.retries)
    reader.warn(directive, `syncrepl rid=${threeDigits(rid)}: no retry; after a failure, it is tried each hour`);
  if (draft.method !== 'simple' && draft.bindDN !== undefined) throw new ConfigError('"binddn" needs bindmethod=simple');
  if (draft.method === 'simple' && draft.bindDN !== undefined && !draft.credentials) {
    throw new ConfigError('"binddn" needs "credentials"');
  }
  if ((draft.tls.certificateFile === undefined) !== (draft.tls.keyFile === undefined)) {
    throw new ConfigError('"tls_cert" and "tls_key" go together');
  }
  database.syncrepls.push(finished(draft, { rid, url, address, base }, directive));
}

function finished(
  draft: Draft,
  required: Pick<SyncreplSettings, 'rid' | 'url' | 'address' | 'base'>,
  { file, line }: Place,
): SyncreplSettings {
  const { tls } = draft;
  return {
    file,
    line,
    ...required,
    persists: draft.persists ?? false,
    intervalSeconds: draft.intervalSeconds ?? daySeconds,
    retries: draft.retries ?? [{ seconds: 3_600, times: Infinity }],
    scope: draft.scope ?? 'sub',
    // As slapd itself writes it into cn=config.
    filter: draft.filter ?? '(objectclass=*)',
    attributes: draft.attributes ?? [],
    excluded: draft.excluded ?? new Set(),
    sizeLimit: draft.sizeLimit ?? 0,
    timeLimit: draft.timeLimit ?? 0,
    checksSchema: draft.checksSchema ?? false,
    bind: draft.bindDN === undefined ? undefined : { dn: draft.bindDN, password: draft.credentials! },
    startTls: draft.startTls ?? 'no',
    tls: {
      certificateFile: tls.certificateFile,
      keyFile: tls.keyFile,
      authorityFile: tls.authorityFile,
      authorityFolder: tls.authorityFolder,
      verify: tls.verify ?? 'demand',
      protocolMin: tls.protocolMin ?? '1.2',
    },
    connectSeconds: draft.connectSeconds ?? connectSecondsDefault,
    answerSeconds: draft.answerSeconds ?? answerSecondsDefault,
    keepalive: draft.keepalive ?? keepaliveDefault,
  };
}

function readParameter(word: string, draft: Draft, directive: Directive, database: DatabaseDraft, reader: ConfigReader): void {
  const [, name = '', text] = /^([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
  const lower = name.toLowerCase();
  const why = refused.get(lower);
  if (why !== undefined) throw new ConfigError(`"${name}" of "syncrepl": ${why}`);
  if (lower === 'lazycommit') {
    return reader.warn(directive, '"lazycommit" has no effect: changes of one moment share a write to disk anyway');
  }
  const read = parameters.get(lower);
  if (!read) throw new ConfigError(`unknown "${word}" in "syncrepl"`);
  if (text === undefined || text === '') throw new ConfigError(`"${name}" of "syncrepl" has no value`);
  read(draft, { text, name, directive, reader, database });
}

const tcpUrl = /^(ldaps?):\/\/(?:\[([0-9a-f:.%]+)\]|([^/:?[\]\s]*))(?::(\d{1,5}))?(?:\/(.*))?$/i;
const socketUrl = /^ldapi:\/\/([^/]+)\/?$/i;

function readProvider(draft: Draft, { text, directive, reader }: Source): void {
  draft.url = text;
  const { address, rest } = parseProvider(text);
  if (rest !== '')
    reader.warn(directive, `provider "${text}": what follows the port has no effect; it is "searchbase" that counts`);
  draft.address = address;
}

/** `rest`: what follows the port. Throws ConfigError. */
function parseProvider(text: string): { readonly address: ProviderAddress; readonly rest: string } {
  const [, path] = socketUrl.exec(text) ?? [];
  if (path !== undefined) return { address: { kind: 'socket', path: decoded(path) }, rest: '' };
  const found = tcpUrl.exec(text);
  if (!found) throw new ConfigError(`provider "${text}" is not an ldap://, ldaps:// or ldapi:// URL`);
  const [, scheme, bracketed, plain, digits, rest = ''] = found;
  const tls = scheme!.toLowerCase() === 'ldaps';
  const port = digits === undefined ? (tls ? 636 : 389) : Number(digits);
  if (port < 1 || port > 0xffff) throw new ConfigError(`provider "${text}": the port is out of range`);
  return { address: { kind: 'tcp', host: bracketed ?? (plain === '' ? 'localhost' : plain!), port, tls }, rest };
}

/** How a server is asked once for everything below a name. */
export interface SingleRefresh {
  readonly url: string;
  readonly base: DN;
  readonly bind: { readonly dn: string; readonly password: string } | undefined;
  readonly startTls: boolean;
  readonly authorityFile: string | undefined;
}

/** Throws ConfigError where the URL is none. */
export function singleRefresh({ url, base, bind, startTls, authorityFile }: SingleRefresh): SyncreplSettings {
  const draft: Draft = {
    tls: { authorityFile },
    startTls: startTls ? 'critical' : 'no',
    ...(bind && { bindDN: bind.dn, credentials: bind.password }),
  };
  return finished(draft, { rid: 0, url, address: parseProvider(url).address, base }, { file: '', line: 0 });
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new ConfigError(`provider "ldapi://${path}": invalid % escape`);
  }
}

function readType(draft: Draft, { text }: Source): void {
  if (/^refreshOnly/i.test(text)) draft.persists = false;
  else if (/^refreshAndPersist/i.test(text)) draft.persists = true;
  else throw new ConfigError(`unknown type "${text}" of "syncrepl" (known: refreshOnly, refreshAndPersist)`);
}

function readRetry(draft: Draft, { text, directive, reader }: Source): void {
  const retries = readRetries(text);
  if (retries.at(-1)!.times !== Infinity) {
    reader.warn(directive, 'syncrepl will stop trying after the last "retry"; it should end with "+"');
  }
  draft.retries = retries;
}

function readMethod(draft: Draft, { text }: Source): void {
  const method = text.toLowerCase();
  if (method === 'sasl') throw new ConfigError(`"bindmethod=sasl": ${noSasl}`);
  if (method !== 'none' && method !== 'simple') throw new ConfigError(`unknown bindmethod "${text}"`);
  draft.method = method;
}

const requirements: ReadonlyMap<string, SyncreplTls['verify']> = new Map<string, SyncreplTls['verify']>([
  ['never', 'never'],
  ['allow', 'allow'],
  ['try', 'try'],
  ['demand', 'demand'],
  ['hard', 'demand'],
  ['true', 'demand'],
]);

function readRequirement(draft: Draft, { text, name }: Source): void {
  draft.tls.verify = oneOf(text, name, requirements);
}

/** `idle:probes:interval`; 0 is for the default. */
function readKeepalive(draft: Draft, { text, name }: Source): void {
  const numbers = text.split(':').map((word) => wholeNumber(word, name, 0, daySeconds));
  if (numbers.length !== 3) throw new ConfigError(`"${text}" of "keepalive" is not idle:probes:interval`);
  const [idle, probes, interval] = numbers as [number, number, number];
  draft.keepalive = {
    idleSeconds: idle || keepaliveDefault.idleSeconds,
    patienceSeconds: probes * interval || keepaliveDefault.patienceSeconds,
  };
}

function checkedFilter(text: string): string {
  try {
    parseFilter(text);
    return text;
  } catch (error) {
    if (!(error instanceof FilterSyntaxError)) throw error;
    throw new ConfigError(`filter of "syncrepl": ${error.message}`);
  }
}

/** What replicas cannot do without. */
const always = ['objectClass', 'structuralObjectClass', 'entryCSN', 'entryUUID'];

function readAttributes(text: string, schema: Schema): readonly string[] {
  const names = text.split(/[\s,]+/).filter((name) => name !== '');
  for (const name of names) {
    if (name === '*' || name === '+') continue;
    const known = name.startsWith('@') ? schema.objectClass(name.slice(1)) : schema.attributeDescription(name);
    if (!known) throw new ConfigError(`attribute "${name}" of "attrs" is not defined`);
  }
  return names.includes('+') ? names : [...new Set([...names, ...always])];
}

function readExcluded(text: string, schema: Schema): ReadonlySet<string> {
  const keys = text
    .split(/[\s,]+/)
    .filter((name) => name !== '')
    .map((name) => {
      const description = schema.attributeDescription(name);
      if (!description) throw new ConfigError(`attribute "${name}" of "exattrs" is not defined`);
      return description.key;
    });
  return new Set(keys);
}

function limit(text: string, name: string): number {
  return /^(?:unlimited|-1)$/i.test(text) ? 0 : wholeNumber(text, name);
}

function seconds(text: string, name: string, otherwise: number): number {
  return wholeNumber(text, name, 0, daySeconds) || otherwise;
}

export function threeDigits(rid: number): string {
  return String(rid).padStart(3, '0');
}

/** Where those are sent who want to write. */
export function readUpdateRef(directive: Directive, database: DatabaseDraft): void {
  const url = onlyWord(directive);
  if (database.syncrepls.length === 0) throw new ConfigError('"updateref" must come after "syncrepl"');
  if (/^ldap[si]?:/i.test(url) && !/^ldap[si]?:\/\/[^/?\s]*\/?$/i.test(url)) {
    throw new ConfigError(`"${url}" of "updateref" must name only a server: the requested DN is appended to it`);
  }
  database.updateRefs.push(url);
}
