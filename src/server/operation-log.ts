/**
 * Log lines in slapd's format: `conn=1000 op=1 SRCH base="..." scope=2 deref=0 filter="(...)"`. They are made only if the
 * log level asks for them, and never contain a password, a hash or a value of an update.
 */
import { type FilterItem, isItem } from '../filter/compile.js';
import type { Filter } from '../ldap/filter.js';
import { printFilter } from '../filter/text.js';
import { extendedOids } from '../ldap/extended.js';
import type { AnsweredOperation, ExtendedRequest, Request, SearchScope } from '../ldap/request.js';
import { LdapError } from '../ldap/result.js';
import { decodePasswordModify } from '../protocol/password-modify-values.js';
import { ResponseTag } from '../protocol/response-writer.js';
import { decodeCancelId } from './extended-operations.js';
import { loggedTextCharactersMax } from './limits.js';

const scopeNumbers: Readonly<Record<SearchScope, number>> = { base: 0, one: 1, sub: 2, children: 3 };
/** The choice of simple authentication, as slapd logs it. */
const simpleMethod = 128;
const saslMethod = 163;
/** RFC 4511 section 4.12, as slapd logs the answer to an extended operation it does not know. */
const extendedResponseTag = 120;
const knownExtended = new Set<string>(Object.values(extendedOids));
const secretAttributes = new Set([
  'userpassword',
  '2.5.4.35',
  'clearpassword',
  '1.3.6.1.4.1.12461.1.1.7',
  'authpassword',
  'sambantpassword',
  'sambalmpassword',
]);
const hidden = Buffer.from('<hidden>');

/** The lines that tell what is asked, in the words that readers of slapd's log expect. */
export function requestLines(request: Request): readonly string[] {
  switch (request.op) {
    case 'bind':
      return [`BIND dn=${quoted(request.name)} method=${bindMethod(request)}`];
    case 'unbind':
      return ['UNBIND'];
    case 'search':
      return [
        `SRCH base=${quoted(request.base)} scope=${scopeNumbers[request.scope]} deref=${request.derefAliases} ` +
          `filter="${filterText(request.filter)}"`,
        ...(request.attributes.length > 0 ? [`SRCH attr=${plain(request.attributes.join(' '))}`] : []),
      ];
    case 'compare':
      return [`CMP dn=${quoted(request.entry)} attr="${plain(request.attribute)}"`];
    case 'add':
      return [`ADD dn=${quoted(request.entry)}`];
    case 'modify':
      return [
        `MOD dn=${quoted(request.object)}`,
        `MOD attr=${plain(request.changes.map(({ attribute }) => attribute.type).join(' '))}`,
      ];
    case 'modifyDN':
      return [`MODRDN dn=${quoted(request.entry)}`];
    case 'delete':
      return [`DEL dn=${quoted(request.entry)}`];
    case 'abandon':
      return [`ABANDON msg=${request.messageId}`];
    case 'extended':
      return [`EXT oid=${plain(request.name)}`, ...extendedLine(request)];
  }
}

/** What an extended operation asks for, where slapd has a line for it. */
function extendedLine({ name, value }: ExtendedRequest): readonly string[] {
  switch (name) {
    case extendedOids.startTls:
      return ['STARTTLS'];
    case extendedOids.whoAmI:
      return ['WHOAMI'];
    case extendedOids.passwordModify:
      return [passwordModifyLine(value)];
    case extendedOids.cancel:
      return cancelLine(value);
    default:
      return [];
  }
}

function passwordModifyLine(value: Buffer | undefined): string {
  const { userIdentity, oldPassword, newPassword } = decodedOr({}, () => (value ? decodePasswordModify(value) : {}));
  const parts = [
    userIdentity && userIdentity.length > 0 ? ` id=${quoted(userIdentity)}` : '',
    oldPassword ? ' old' : '',
    newPassword ? ' new' : '',
  ];
  return `PASSMOD${parts.join('')}`;
}

function cancelLine(value: Buffer | undefined): readonly string[] {
  const id = decodedOr(undefined, () => decodeCancelId(value));
  return id === undefined ? [] : [`CANCEL msg=${id}`];
}

/** A value that is malformed is refused later, where it is put to use. */
function decodedOr<T>(otherwise: T, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (error instanceof LdapError) return otherwise;
    throw error;
  }
}

/** How an operation ended; times in milliseconds. */
export interface LoggedOutcome {
  readonly code: number;
  readonly diagnostic: string;
  readonly entries: number;
  /** From its arrival until it began. */
  readonly queuedMs: number;
  /** From then on. */
  readonly tookMs: number;
}

/** The line that tells how an operation ended. */
export function resultLine(request: ResultOf, { code, diagnostic, entries, queuedMs, tookMs }: LoggedOutcome): string {
  const [label, counted] = request.op === 'search' ? ['SEARCH RESULT', ` nentries=${entries}`] : ['RESULT', ''];
  const times = `qtime=${seconds(queuedMs)} etime=${seconds(tookMs)}`;
  return `${label} ${resultKind(request)} err=${code} ${times}${counted} text=${plain(diagnostic)}`;
}

/** The request, or as much of it as could be decoded. */
type ResultOf = { readonly op: AnsweredOperation; readonly name?: unknown };

function resultKind({ op, name }: ResultOf): string {
  if (op !== 'extended') return `tag=${ResponseTag[op]}`;
  return typeof name === 'string' && !knownExtended.has(name) ? `tag=${extendedResponseTag}` : 'oid=';
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1_000).toFixed(6);
}

/** The line that tells who somebody is after a bind that succeeded. */
export function boundLine(name: string, mechanism: string, ssf: number): string {
  return `BIND dn=${quoted(name)} mech=${plain(mechanism)} bind_ssf=0 ssf=${ssf}`;
}

/** The line that tells that a bind takes away who somebody was. */
export function unboundLine(ssf: number): string {
  return `BIND anonymous mech=implicit bind_ssf=0 ssf=${ssf}`;
}

/** The line that tells how a connection is protected, with OpenSSL's names for version and cipher. */
export function tlsLine(ssf: number, protocol: string, cipher: string): string {
  return `TLS established tls_ssf=${ssf} ssf=${ssf} tls_proto=${protocol} tls_cipher=${cipher}`;
}

function bindMethod(request: Extract<Request, { op: 'bind' }>): string {
  switch (request.authentication.method) {
    case 'simple':
      return String(simpleMethod);
    case 'sasl':
      return String(saslMethod);
    case 'unknown':
      return String(request.authentication.tag);
  }
}

/** A name as text that stays in its quotes and on its line. */
export function quoted(name: Buffer | string): string {
  return `"${plain(name.toString())}"`;
}

function plain(text: string): string {
  const shown = text.length > loggedTextCharactersMax ? `${text.slice(0, loggedTextCharactersMax)}...` : text;
  // eslint-disable-next-line no-control-regex
  return shown.replace(/[\u0000-\u001f"\u007f-\u009f\u2028\u2029]/g, (character) => {
    return `\\${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}

/** Exported for slow-operation logs. Escapes as slapd does: all that is not ASCII, hexadecimal digits in upper case. */
export function filterText(filter: Filter): string {
  const text = printFilter(withoutSecrets(filter)).replace(/\\[0-9a-f]{2}/g, (escape) => escape.toUpperCase());
  return plain(text.replace(/[^\0-\x7f]+/g, (characters) => hexEscapes(Buffer.from(characters))));
}

function hexEscapes(bytes: Buffer): string {
  return bytes.toString('hex').toUpperCase().replace(/../g, '\\$&');
}

/** The filter with every assertion about a password hidden. Iterative: filters may nest deeply. */
function withoutSecrets(filter: Filter): Filter {
  const root: { filters: Filter[] } = { filters: [] };
  const todo: { from: Filter; to: Filter[] }[] = [{ from: filter, to: root.filters }];
  for (let next = todo.pop(); next; next = todo.pop()) {
    const { from, to } = next;
    if (isItem(from)) {
      to.push(itemWithoutSecrets(from));
    } else if (from.kind === 'not') {
      // Its term is not there yet: it is looked up when the filter is printed.
      const filters: Filter[] = [];
      to.push({
        kind: 'not',
        get filter() {
          return filters[0]!;
        },
      });
      todo.push({ from: from.filter, to: filters });
    } else {
      const filters: Filter[] = [];
      to.push({ kind: from.kind, filters });
      for (const term of [...from.filters].reverse()) todo.push({ from: term, to: filters });
    }
  }
  return root.filters[0]!;
}

function itemWithoutSecrets(item: FilterItem): Filter {
  // A term that names a rule alone is put to every attribute that the rule is for: to passwords, too.
  if (item.kind === 'present' || (item.attribute !== undefined && !isSecret(item.attribute))) return item;
  if (item.kind !== 'substrings') return { ...item, value: hidden };
  return { kind: 'substrings', attribute: item.attribute, initial: hidden, any: [], final: undefined };
}

/** Are the attribute's values passwords, or hashes of them? */
export function isSecret(attribute: string | undefined): boolean {
  return attribute !== undefined && secretAttributes.has(attribute.split(';', 1)[0]!.toLowerCase());
}
