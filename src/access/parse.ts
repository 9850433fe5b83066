/** Parses `access to <what> by <who> <access> <control> ...` in current and OpenLDAP 2.0 syntax. */
import type { Schema } from '../ldap/schema.js';
import { parseGrant, noChange } from './privileges.js';
import type { AccessRule, ByClause, Control, Who } from './rule.js';
import { parseWhat } from './what.js';
import { parseWho } from './who.js';
import { AccessSyntaxError } from './syntax.js';

export interface AccessSource {
  readonly schema: Schema;
  readonly file: string;
  /** Counts from 1. */
  readonly line: number;
  readonly warn: (message: string) => void;
}

/** Clauses of one directive; slapd has no bound, but a file is made by people. */
const clausesMax = 1_000;

/** `words`: the directive's words after `access`, quotes resolved. Throws AccessSyntaxError naming the wrong word. */
export function parseAccessRule(words: readonly string[], source: AccessSource): AccessRule {
  if (words[0]?.toLowerCase() !== 'to') {
    throw new AccessSyntaxError(`expecting "to" got "${words[0] ?? 'the end of the line'}"`);
  }
  let position = nextBy(words, 1);
  const what = parseWhat(words.slice(1, position), source);
  const by: ByClause[] = [];
  while (position < words.length) {
    if (by.length === clausesMax) throw new AccessSyntaxError(`more than ${clausesMax} by clauses`);
    const reader = new ClauseReader(words, position, source);
    by.push(reader.read());
    position = reader.position;
  }
  if (by.length === 0) throw new AccessSyntaxError('no by clause(s) specified in access line');
  return { file: source.file, line: source.line, what, by };
}

function nextBy(words: readonly string[], from: number): number {
  for (let position = from; position < words.length; position++) {
    const word = words[position]!.toLowerCase();
    if (word === 'by') return position;
    if (word === 'to') throw new AccessSyntaxError('only one to clause allowed in access line');
  }
  return words.length;
}

class ClauseReader {
  readonly #words: readonly string[];
  readonly #source: AccessSource;
  position: number;

  constructor(words: readonly string[], position: number, source: AccessSource) {
    this.#words = words;
    this.position = position;
    this.#source = source;
  }

  read(): ByClause {
    const keyword = this.#words[this.position++]!;
    if (keyword.toLowerCase() !== 'by') {
      throw new AccessSyntaxError(`expecting "to" or "by" got "${keyword}"`);
    }
    const who = this.#who();
    const word = this.#words[this.position];
    const control = this.#control();
    if (control || word === undefined || word.toLowerCase() === 'by') {
      return { who, grant: noChange, control: control ?? 'stop' };
    }
    const grant = parseGrant(word);
    if (!grant) throw new AccessSyntaxError(`expecting <access> got "${word}"`);
    this.position++;
    return { who, grant, control: this.#control() ?? 'stop' };
  }

  #who(): Who[] {
    const who: Who[] = [];
    const kinds = new Set<string>();
    for (; this.position < this.#words.length; this.position++) {
      const word = this.#words[this.position]!;
      const condition = parseWho(word, this.#source);
      if (!condition) break;
      const kind = exclusiveKind(condition);
      if (kinds.has(kind)) throw new AccessSyntaxError(`"${word}": ${kind} already specified in by clause`);
      kinds.add(kind);
      who.push(condition);
    }
    if (who.length > 0) return who;
    throw new AccessSyntaxError(`expecting <who> got "${this.#words[this.position] ?? 'the end of the line'}"`);
  }

  /** Reads a <control> if there is one here. */
  #control(): Control | undefined {
    const word = this.#words[this.position]?.toLowerCase();
    if (word !== 'stop' && word !== 'continue' && word !== 'break') return undefined;
    this.position++;
    return word;
  }
}

/** Of conditions that say the same kind of thing, a clause may have one. */
function exclusiveKind(who: Who): string {
  switch (who.kind) {
    case 'anyone':
      return 'dn pattern';
    case 'anonymous':
    case 'users':
    case 'self':
    case 'name':
    case 'nameExpand':
    case 'nameRegex':
    case 'nameExpandRegex':
      return who.real ? 'realdn pattern' : 'dn pattern';
    case 'nameAttribute':
      return who.real ? 'realdnattr' : 'dnattr';
    case 'ssf':
      return who.factor;
    case 'group':
    case 'peername':
    case 'sockname':
    case 'sockurl':
    case 'set':
      return who.kind;
  }
}
