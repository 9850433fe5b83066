/**
 * Log lines in slapd's format: `conn=1000 op=1 SRCH base="..." scope=2 deref=0 filter="(...)"`. They are made only if the
 * log level asks for them, and never contain a password, a hash or a value of an update.
 */
import { type FilterItem, isItem } from '../filter/compile.js';
import type { Filter } from '../ldap/filter.js';
import { printFilter } from '../filter/text.js';
import type { AnsweredOperation, Request, SearchScope } from '../ldap/request.js';
import { ResponseTag } from '../protocol/response-writer.js';
import { loggedTextCharactersMax } from './limits.js';

const scopeNumbers: Readonly<Record<SearchScope, number>> = { base: 0, one: 1, sub: 2, children: 3 };
/** The choice of simple authentication, as slapd logs it. */
const simpleMethod = 128;
const saslMethod = 163;
/** What slapd calls them in a line of their own. */
const extendedNames: Readonly<Record<string, readonly string[]>> = {
  '1.3.6.1.4.1.1466.20037': ['STARTTLS'],
  '1.3.6.1.4.1.4203.1.11.3': ['WHOAMI'],
};
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

/** The lines that tell what is asked; Jamm's and slapd's readers expect the words of slapd. */
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
      return [`EXT oid=${plain(request.name)}`, ...(extendedNames[request.name] ?? [])];
  }
}

/** The line that tells how an operation ended. */
export function resultLine(
  operation: AnsweredOperation,
  code: number,
  diagnostic: string,
  entries: number,
  milliseconds: number,
): string {
  const [label, counted] = operation === 'search' ? ['SEARCH RESULT', ` nentries=${entries}`] : ['RESULT', ''];
  const kind = operation === 'extended' ? 'oid=' : `tag=${ResponseTag[operation]}`;
  const seconds = (milliseconds / 1_000).toFixed(6);
  // An operation begins as soon as it is decoded: there is no queue to wait in.
  return `${label} ${kind} err=${code} qtime=0.000000 etime=${seconds}${counted} text=${plain(diagnostic)}`;
}

/** The line that tells who somebody is after a simple bind that succeeded. */
export function boundLine(name: string, ssf: number): string {
  return `BIND dn=${quoted(name)} mech=SIMPLE bind_ssf=0 ssf=${ssf}`;
}

function bindMethod(request: Extract<Request, { op: 'bind' }>): string {
  switch (request.authentication.method) {
    case 'simple':
      return String(simpleMethod);
    case 'sasl':
      return `${saslMethod} mech=${plain(request.authentication.mechanism)}`;
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

/** Exported for slow-operation logs. */
export function filterText(filter: Filter): string {
  return plain(printFilter(withoutSecrets(filter)));
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
