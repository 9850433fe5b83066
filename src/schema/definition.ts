/**
 * Parses schema definitions (RFC 4512 section 4.1), as OpenLDAP's schema files write them, into plain records. Names are
 * not resolved here.
 */
import type { AttributeUsage, ObjectClassKind } from '../ldap/schema.js';

/** A definition that cannot be read or does not fit the schema; the message names the offending word. */
export class SchemaError extends Error {
  override readonly name = 'SchemaError';
}

export interface Extension {
  /** `X-ORDERED`, as written. */
  readonly name: string;
  readonly values: readonly string[];
}

interface Definition {
  /** Numeric OID, or a macro that stands for one, as written. */
  readonly oid: string;
  readonly names: readonly string[];
  readonly description: string | undefined;
  readonly obsolete: boolean;
  readonly extensions: readonly Extension[];
}

export interface AttributeTypeDefinition extends Definition {
  readonly superior: string | undefined;
  readonly equality: string | undefined;
  readonly ordering: string | undefined;
  readonly substring: string | undefined;
  readonly syntax: string | undefined;
  readonly lengthBound: number | undefined;
  readonly singleValue: boolean;
  readonly collective: boolean;
  readonly noUserModification: boolean;
  readonly usage: AttributeUsage;
}

export interface ObjectClassDefinition extends Definition {
  readonly superiors: readonly string[];
  readonly kind: ObjectClassKind;
  readonly must: readonly string[];
  readonly may: readonly string[];
}

export interface DitContentRuleDefinition extends Definition {
  readonly auxiliary: readonly string[];
  readonly must: readonly string[];
  readonly may: readonly string[];
  readonly not: readonly string[];
}

export type SyntaxDefinition = Pick<Definition, 'oid' | 'description' | 'extensions'>;

const definitionCharactersMax = 65_536;

type Token = { readonly kind: '(' | ')' | '$' | 'word' | 'quoted'; readonly text: string };

/**
 * The next token at or after the last match: a mark, a quoted string, or a run of anything else. As slapd, which needs no
 * blank after a numeric OID: the folding of an LDIF line easily loses it.
 */
const tokenPattern = /\s*(?:([()$])|'([^']*)'|(\d+(?:\.\d+)+(?=[A-Za-z])|[^\s()$']+))/y;

function tokenize(text: string): Token[] {
  if (text.length > definitionCharactersMax) throw new SchemaError('definition is too long');
  const tokens: Token[] = [];
  let depth = 0;
  const source = text.trimEnd();
  tokenPattern.lastIndex = 0;
  // As slapd, which does not look at what follows the definition.
  while (tokenPattern.lastIndex < source.length && (depth > 0 || tokens.length === 0)) {
    const at = tokenPattern.lastIndex;
    const match = tokenPattern.exec(source);
    if (!match) throw new SchemaError(`unterminated quote: ${source.slice(at).trim().slice(0, 40)}`);
    const [, mark, quoted, word] = match;
    if (mark === '(') depth++;
    else if (mark === ')') depth--;
    if (mark !== undefined) tokens.push({ kind: mark as '(' | ')' | '$', text: mark });
    else if (quoted !== undefined) tokens.push({ kind: 'quoted', text: quoted });
    else tokens.push({ kind: 'word', text: word! });
  }
  return tokens;
}

/** Reads one definition's tokens in order. */
class DefinitionReader {
  readonly #tokens: readonly Token[];
  #next = 0;
  readonly #seen = new Set<string>();

  constructor(text: string) {
    this.#tokens = tokenize(text);
    this.#expect('(');
  }

  #take(wanted: string): Token {
    const token = this.#tokens[this.#next++];
    if (!token) throw new SchemaError(`${wanted} expected at the end of the definition`);
    return token;
  }

  #expect(kind: '(' | ')'): void {
    const token = this.#take(`'${kind}'`);
    if (token.kind !== kind) throw new SchemaError(`'${kind}' expected before '${token.text}'`);
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#next];
  }

  /** The next keyword in upper case; undefined at the closing parenthesis. */
  keyword(): string | undefined {
    const token = this.#take("keyword or ')'");
    if (token.kind === ')') return undefined;
    if (token.kind !== 'word') throw new SchemaError(`keyword expected before '${token.text}'`);
    const keyword = token.text.toUpperCase();
    if (this.#seen.has(keyword) && !keyword.startsWith('X-')) throw new SchemaError(`${token.text} is given twice`);
    this.#seen.add(keyword);
    return keyword;
  }

  /** An OID or a name, bare or quoted. */
  word(what: string): string {
    const token = this.#take(what);
    if ((token.kind !== 'word' && token.kind !== 'quoted') || token.text === '') {
      throw new SchemaError(`${what} expected before '${token.text}'`);
    }
    return token.text;
  }

  text(what: string): string {
    const token = this.#take(what);
    if (token.kind === 'quoted' || token.kind === 'word') return token.text;
    throw new SchemaError(`${what} expected before '${token.text}'`);
  }

  /** One item, or a parenthesised list of them separated by blanks or `$`. */
  list(what: string): string[] {
    if (this.#peek()?.kind !== '(') return [this.text(what)];
    this.#next++;
    const items: string[] = [];
    for (;;) {
      const kind = this.#peek()?.kind;
      if (kind === ')') {
        this.#next++;
        return items;
      }
      if (kind === '$') this.#next++;
      else items.push(this.text(what));
    }
  }

  oids(what: string): string[] {
    const items = this.list(what);
    if (items.length === 0) throw new SchemaError(`${what} expected before ')'`);
    for (const item of items) if (!isName(item)) throw new SchemaError(`'${item}' cannot name an ${what}`);
    return items;
  }
}

/** A descriptor, a numeric OID, or a macro with a suffix. */
function isName(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9.;_:-]*$/.test(text);
}

export function isNumericOid(text: string): boolean {
  return /^(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*))*$/.test(text);
}

/** RFC 4512 section 1.4 */
function isDescriptor(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9-]*$/.test(text);
}

interface Common {
  oid: string;
  names: readonly string[];
  description: string | undefined;
  obsolete: boolean;
  extensions: Extension[];
}

function startOf(reader: DefinitionReader, what: string): Common {
  const oid = reader.word(`${what}'s OID`);
  if (!isName(oid)) throw new SchemaError(`'${oid}' is not an OID`);
  return { oid, names: [], description: undefined, obsolete: false, extensions: [] };
}

/** Reads the keywords that all definitions have; false for any other. */
function readCommon(reader: DefinitionReader, keyword: string, common: Common): boolean {
  if (keyword === 'NAME') {
    common.names = reader.list('name');
    for (const name of common.names) if (!isDescriptor(name)) throw new SchemaError(`'${name}' is not a name`);
  } else if (keyword === 'DESC') common.description = reader.text('description');
  else if (keyword === 'OBSOLETE') common.obsolete = true;
  else if (keyword.startsWith('X-')) common.extensions.push({ name: keyword, values: reader.list('extension value') });
  else return false;
  return true;
}

const usages: ReadonlyMap<string, AttributeUsage> = new Map([
  ['userapplications', 'userApplications'],
  ['directoryoperation', 'directoryOperation'],
  ['distributedoperation', 'distributedOperation'],
  ['dsaoperation', 'dSAOperation'],
]);

function readUsage(reader: DefinitionReader): AttributeUsage {
  const word = reader.word('usage');
  const usage = usages.get(word.toLowerCase());
  if (!usage) throw new SchemaError(`'${word}' is not a usage`);
  return usage;
}

function readSyntax(reader: DefinitionReader): { syntax: string; lengthBound: number | undefined } {
  const word = reader.word('syntax OID');
  const match = /^([^{}]+)(?:\{(\d{1,9})\})?$/.exec(word);
  if (!match || !isName(match[1]!)) throw new SchemaError(`'${word}' is not a syntax OID`);
  return { syntax: match[1]!, lengthBound: match[2] === undefined ? undefined : Number(match[2]) };
}

/** Throws SchemaError. */
export function parseAttributeType(text: string): AttributeTypeDefinition {
  const reader = new DefinitionReader(text);
  const common = startOf(reader, 'attribute type');
  const own = {
    superior: undefined as string | undefined,
    equality: undefined as string | undefined,
    ordering: undefined as string | undefined,
    substring: undefined as string | undefined,
    syntax: undefined as string | undefined,
    lengthBound: undefined as number | undefined,
    singleValue: false,
    collective: false,
    noUserModification: false,
    usage: 'userApplications' as AttributeUsage,
  };
  for (let keyword = reader.keyword(); keyword !== undefined; keyword = reader.keyword()) {
    if (readCommon(reader, keyword, common)) continue;
    if (keyword === 'SUP') own.superior = reader.word('attribute type');
    else if (keyword === 'EQUALITY') own.equality = reader.word('matching rule');
    else if (keyword === 'ORDERING') own.ordering = reader.word('matching rule');
    else if (keyword === 'SUBSTR') own.substring = reader.word('matching rule');
    else if (keyword === 'SYNTAX') Object.assign(own, readSyntax(reader));
    else if (keyword === 'SINGLE-VALUE') own.singleValue = true;
    else if (keyword === 'COLLECTIVE') own.collective = true;
    else if (keyword === 'NO-USER-MODIFICATION') own.noUserModification = true;
    else if (keyword === 'USAGE') own.usage = readUsage(reader);
    else throw new SchemaError(`unknown keyword '${keyword}' in an attribute type`);
  }
  if (own.superior === undefined && own.syntax === undefined) {
    throw new SchemaError(`attribute type ${common.names[0] ?? common.oid} has neither SUP nor SYNTAX`);
  }
  return { ...common, ...own };
}

const kinds: ReadonlyMap<string, ObjectClassKind> = new Map([
  ['ABSTRACT', 'abstract'],
  ['STRUCTURAL', 'structural'],
  ['AUXILIARY', 'auxiliary'],
]);

/** Throws SchemaError. */
export function parseObjectClass(text: string): ObjectClassDefinition {
  const reader = new DefinitionReader(text);
  const common = startOf(reader, 'object class');
  let kind: ObjectClassKind | undefined;
  let superiors: readonly string[] = [];
  let must: readonly string[] = [];
  let may: readonly string[] = [];
  for (let keyword = reader.keyword(); keyword !== undefined; keyword = reader.keyword()) {
    if (readCommon(reader, keyword, common)) continue;
    const named = kinds.get(keyword);
    if (named) {
      if (kind) throw new SchemaError(`object class cannot be both ${kind.toUpperCase()} and ${keyword}`);
      kind = named;
    } else if (keyword === 'SUP') superiors = reader.oids('object class');
    else if (keyword === 'MUST') must = reader.oids('attribute type');
    else if (keyword === 'MAY') may = reader.oids('attribute type');
    else throw new SchemaError(`unknown keyword '${keyword}' in an object class`);
  }
  return { ...common, superiors, kind: kind ?? 'structural', must, may };
}

/** Throws SchemaError. */
export function parseDitContentRule(text: string): DitContentRuleDefinition {
  const reader = new DefinitionReader(text);
  const common = startOf(reader, 'structural object class');
  let auxiliary: readonly string[] = [];
  let must: readonly string[] = [];
  let may: readonly string[] = [];
  let not: readonly string[] = [];
  for (let keyword = reader.keyword(); keyword !== undefined; keyword = reader.keyword()) {
    if (readCommon(reader, keyword, common)) continue;
    if (keyword === 'AUX') auxiliary = reader.oids('object class');
    else if (keyword === 'MUST') must = reader.oids('attribute type');
    else if (keyword === 'MAY') may = reader.oids('attribute type');
    else if (keyword === 'NOT') not = reader.oids('attribute type');
    else throw new SchemaError(`unknown keyword '${keyword}' in a content rule`);
  }
  return { ...common, auxiliary, must, may, not };
}

/** Throws SchemaError. */
export function parseSyntax(text: string): SyntaxDefinition {
  const reader = new DefinitionReader(text);
  const common = startOf(reader, 'syntax');
  for (let keyword = reader.keyword(); keyword !== undefined; keyword = reader.keyword()) {
    if (!readCommon(reader, keyword, common)) throw new SchemaError(`unknown keyword '${keyword}' in a syntax`);
  }
  return { oid: common.oid, description: common.description, extensions: common.extensions };
}

function quoted(items: readonly string[]): string {
  return items.length === 1 ? `'${items[0]}'` : `( ${items.map((item) => `'${item}'`).join(' ')} )`;
}

function oidList(items: readonly string[]): string {
  return items.length === 1 ? items[0]! : `( ${items.join(' $ ')} )`;
}

function print(oid: string, parts: readonly (string | false | undefined)[], extensions: readonly Extension[]): string {
  const words = ['(', oid, ...parts.filter((part) => typeof part === 'string')];
  for (const { name, values } of extensions) words.push(`${name} ${quoted(values)}`);
  return [...words, ')'].join(' ');
}

function head({ names, description, obsolete }: Omit<Definition, 'oid' | 'extensions'>): (string | false)[] {
  return [
    names.length > 0 && `NAME ${quoted(names)}`,
    description !== undefined && `DESC '${description}'`,
    obsolete && 'OBSOLETE',
  ];
}

/** The definition as slapd publishes it. */
export function printAttributeType(definition: AttributeTypeDefinition): string {
  const { superior, equality, ordering, substring, syntax, lengthBound, usage } = definition;
  return print(
    definition.oid,
    [
      ...head(definition),
      superior !== undefined && `SUP ${superior}`,
      equality !== undefined && `EQUALITY ${equality}`,
      ordering !== undefined && `ORDERING ${ordering}`,
      substring !== undefined && `SUBSTR ${substring}`,
      syntax !== undefined && `SYNTAX ${syntax}${lengthBound === undefined ? '' : `{${lengthBound}}`}`,
      definition.singleValue && 'SINGLE-VALUE',
      definition.collective && 'COLLECTIVE',
      definition.noUserModification && 'NO-USER-MODIFICATION',
      usage !== 'userApplications' && `USAGE ${usage}`,
    ],
    definition.extensions,
  );
}

export function printObjectClass(definition: ObjectClassDefinition): string {
  const { superiors, kind, must, may } = definition;
  return print(
    definition.oid,
    [
      ...head(definition),
      superiors.length > 0 && `SUP ${oidList(superiors)}`,
      kind.toUpperCase(),
      must.length > 0 && `MUST ${oidList(must)}`,
      may.length > 0 && `MAY ${oidList(may)}`,
    ],
    definition.extensions,
  );
}

export function printDitContentRule(definition: DitContentRuleDefinition): string {
  const { auxiliary, must, may, not } = definition;
  return print(
    definition.oid,
    [
      ...head(definition),
      auxiliary.length > 0 && `AUX ${oidList(auxiliary)}`,
      must.length > 0 && `MUST ${oidList(must)}`,
      may.length > 0 && `MAY ${oidList(may)}`,
      not.length > 0 && `NOT ${oidList(not)}`,
    ],
    definition.extensions,
  );
}

export function printSyntax(definition: SyntaxDefinition): string {
  const { description, extensions } = definition;
  return print(definition.oid, [description !== undefined && `DESC '${description}'`], extensions);
}

export function printMatchingRule(rule: { oid: string; names: readonly string[]; syntax: { oid: string } }): string {
  return print(rule.oid, [`NAME ${quoted(rule.names)}`, `SYNTAX ${rule.syntax.oid}`], []);
}

export function printMatchingRuleUse(rule: { oid: string; names: readonly string[] }, applies: readonly string[]): string {
  return print(rule.oid, [`NAME ${quoted(rule.names)}`, `APPLIES ${oidList(applies)}`], []);
}
