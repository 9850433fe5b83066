/** Sorts the directives of a slapd.conf into the entries of cn=config, as slaptest -f -F does. */
import type { Schema } from '../../ldap/schema.js';
import { ConfigError, type Directive } from '../directive.js';
import { acceptedDirectives, acceptedInDatabase, storeTypes } from '../engine-directives.js';
import { schemaBaseName } from '../include.js';
import { overlayTypes } from '../overlays/registry.js';
import { olcAttributes, type OlcAttribute } from './attributes.js';
import { classAttributes } from './class-attributes.js';
import type { GivenEntry } from './tree-builder.js';
import { quoteValue, splitValue } from './words.js';

/** An entry that is being made. */
interface Draft {
  readonly name: string;
  readonly classes: readonly string[];
  /** The value that its name is made of comes first. */
  readonly values: Map<string, string[]>;
}

interface DatabaseEntry {
  readonly draft: Draft;
  readonly overlays: Draft[];
}

const definitionDirectives: ReadonlyMap<string, string> = new Map([
  ['objectidentifier', 'olcObjectIdentifier'],
  ['ldapsyntax', 'olcLdapSyntaxes'],
  ['objectclass', 'olcObjectClasses'],
  ['ditcontentrule', 'olcDitContentRules'],
]);

/** Spellings that the table of attributes does not have. */
const otherSpellings: ReadonlyMap<string, string> = new Map([
  ['allows', 'allow'],
  ['disallows', 'disallow'],
  ['requires', 'require'],
  ['sasl-regexp', 'authz-regexp'],
  ['saslregexp', 'authz-regexp'],
  ['sasl-authz-policy', 'authz-policy'],
  ['attributeoption', 'attributeoptions'],
  ['mirrormode', 'multiprovider'],
]);

/** What slapd lets stand before any database, where it says nothing. */
const idleBeforeDatabases = new Set(['add_content_acl', 'disabled', 'lastbind', 'lastbind-precision', 'limits']);

/** slapd takes the line as it stands; quotes are none. */
const raw: ReadonlySet<string> = new Set(['olcUniqueURI']);

/** cn=config may have it; slapd keeps it in the frontend alone. */
const ofFrontend: ReadonlySet<string> = new Set(['olcPasswordHash']);

/** Their words add up, whichever line they stand on. */
const added: ReadonlySet<string> = new Set(['olcSizeLimit', 'olcTimeLimit']);

const byDirective = new Map<string, OlcAttribute[]>();
for (const attribute of olcAttributes.values()) {
  const name = attribute.directive?.toLowerCase();
  if (name !== undefined) byDirective.set(name, [...(byDirective.get(name) ?? []), attribute]);
}

const databaseClass = 'olcDatabaseConfig';
const booleanSyntax = '1.3.6.1.4.1.1466.115.121.1.7';

/** Directives come in the order in which they were read, those of included files among them. */
export class ConfEntries {
  readonly #root = newDraft('cn=config', ['olcGlobal'], 'cn', 'config');
  readonly #modules: Draft[] = [];
  readonly #schemas: { readonly file: string; readonly draft: Draft }[] = [];
  readonly #backends: Draft[] = [];
  readonly #frontend: DatabaseEntry;
  #config: DatabaseEntry | undefined;
  readonly #databases: DatabaseEntry[] = [];
  /** Undefined: the whole server. */
  #database: DatabaseEntry | undefined;
  #overlay: { readonly draft: Draft; readonly options: ReadonlyMap<string, string | undefined> } | undefined;
  #backend: string | undefined;

  /** `schema`: knows the attributes of cn=config. */
  constructor(private readonly schema: Schema) {
    this.#frontend = databaseEntry(-1, 'frontend', ['olcFrontendConfig']);
  }

  /** Throws ConfigError where cn=config has no place for the directive. */
  add(directive: Directive): void {
    const { name } = directive;
    const backend = this.#backend;
    this.#backend = undefined;
    if (/^attribute(?!option)/.test(name)) return this.#definition(directive, 'olcAttributeTypes');
    const definition = definitionDirectives.get(name);
    if (definition !== undefined) return this.#definition(directive, definition);
    switch (name) {
      case 'include':
        return;
      case 'database':
        return this.#beginDatabase(directive.words[0]!.toLowerCase());
      case 'overlay':
        return this.#beginOverlay(directive.words[0]!.toLowerCase().replace(/^slapo-/, ''));
      case 'unique':
      case 'refint':
        return this.#oneLineOverlay(directive);
      case 'backend':
        this.#backend = directive.words[0]!.toLowerCase();
        return;
      case 'idlexp':
        return this.#backendOption(backend ?? 'mdb', directive);
      case 'modulepath':
      case 'moduleload':
        return this.#module(directive);
      default:
        return this.#setting(directive);
    }
  }

  /** Parents come first. */
  *entries(): Generator<GivenEntry> {
    yield given(this.#root);
    for (const draft of this.#modules) yield given(draft);
    yield given(newDraft('cn=schema,cn=config', ['olcSchemaConfig'], 'cn', 'schema'));
    for (const { draft } of this.#schemas) yield given(draft);
    for (const draft of this.#backends) yield given(draft);
    const config = this.#config ?? databaseEntry(0, 'config', []);
    if (!config.draft.values.has('olcRootDN')) config.draft.values.set('olcRootDN', ['cn=config']);
    if (!config.draft.values.has('olcAccess')) config.draft.values.set('olcAccess', ['to * by * none']);
    for (const { draft, overlays } of [this.#frontend, config, ...this.#databases]) {
      yield given(draft);
      for (const overlay of overlays) yield given(overlay);
    }
  }

  /** A new entry where another file begins: what it defines may build on what comes before. */
  #definition({ file, argument }: Directive, attribute: string): void {
    let last = this.#schemas.at(-1);
    if (last?.file !== file) {
      const name = `{${this.#schemas.length}}${schemaEntryName(file)}`;
      last = { file, draft: newDraft(`cn=${name},cn=schema,cn=config`, ['olcSchemaConfig'], 'cn', name) };
      this.#schemas.push(last);
    }
    append(last.draft, attribute, argument.replace(/\s+/g, ' ').trim());
  }

  #beginDatabase(type: string): void {
    this.#overlay = undefined;
    this.#database = undefined;
    if (type === 'frontend') return;
    if (type === 'config') {
      this.#config = this.#database = databaseEntry(0, type, []);
      return;
    }
    // No slapd of today has the others, and here they all mean the same store.
    const stored = storeTypes.has(type) ? 'mdb' : type;
    this.#database = databaseEntry(this.#databases.length + 1, stored, stored === 'mdb' ? ['olcMdbConfig'] : []);
    this.#databases.push(this.#database);
  }

  #beginOverlay(name: string): void {
    this.#overlay = { draft: this.#newOverlay(name), options: overlayTypes.get(name)!.olcNames };
  }

  #newOverlay(name: string): Draft {
    const type = overlayTypes.get(name)!;
    const { draft: above, overlays } = this.#database!;
    const classes = ['olcOverlayConfig', ...(type.olcClass === 'olcOverlayConfig' ? [] : [type.olcClass])];
    const value = `{${overlays.length}}${name}`;
    const draft = newDraft(`olcOverlay=${value},${above.name}`, classes, 'olcOverlay', value);
    overlays.push(draft);
    return draft;
  }

  /** jammd's short forms of overlays, which slapd lacks. */
  #oneLineOverlay({ name, words }: Directive): void {
    const overlay = this.#newOverlay(name);
    if (name === 'unique') return append(overlay, 'olcUniqueURI', `ldap:///${encodeURI(words[1] ?? '')}?${words[0]!}?sub`);
    const substitute = words.find((word) => /^nothing=/i.test(word))?.slice('nothing='.length);
    append(overlay, 'olcRefintAttribute', words.filter((word) => !/^nothing=/i.test(word)).join(' '));
    if (substitute !== undefined) append(overlay, 'olcRefintNothing', substitute);
  }

  #backendOption(type: string, { words }: Directive): void {
    const value = `{${this.#backends.length}}${type}`;
    const classes = ['olcBackendConfig', 'olcMdbBkConfig'];
    const draft = newDraft(`olcBackend=${value},cn=config`, classes, 'olcBackend', value);
    append(draft, 'olcBkMdbIdlExp', words[0]!);
    this.#backends.push(draft);
  }

  /** slapd looks for modules in the path that comes before them. */
  #module({ name, words }: Directive): void {
    let last = this.#modules.at(-1);
    if (!last || (name === 'modulepath' && (last.values.has('olcModulePath') || last.values.has('olcModuleLoad')))) {
      const value = `module{${this.#modules.length}}`;
      last = newDraft(`cn=${value},cn=config`, ['olcModuleList'], 'cn', value);
      this.#modules.push(last);
    }
    if (name === 'modulepath') append(last, 'olcModulePath', words[0]!);
    else append(last, 'olcModuleLoad', words.map(quoteValue).join(' '));
  }

  #setting(directive: Directive): void {
    const name = otherSpellings.get(directive.name) ?? directive.name;
    const ofOverlay = this.#overlay?.options.get(name);
    if (ofOverlay !== undefined) return this.#set(this.#overlay!.draft, olcAttributes.get(ofOverlay.toLowerCase())!, directive);
    if (!this.#database && idleBeforeDatabases.has(name)) return;
    const candidates = byDirective.get(name) ?? [];
    const places = this.#places(candidates);
    for (const { draft, attribute } of places) this.#set(draft, attribute, directive);
    if (places.length > 0) return;
    if (acceptedInDatabase.has(name) || acceptedDirectives.has(name)) return;
    throw new ConfigError(`"${directive.name}" has no attribute in cn=config: a slapd.d cannot hold it`);
  }

  /** What is said of every database stands in the frontend as well. */
  #places(candidates: readonly OlcAttribute[]): readonly { readonly draft: Draft; readonly attribute: OlcAttribute }[] {
    const fitting = [this.#database?.draft, this.#root, this.#frontend.draft].flatMap((draft) => {
      const attribute = draft && candidates.find((one) => isAllowed(one, draft));
      return attribute ? [{ draft, attribute }] : [];
    });
    if (fitting[0]?.draft !== this.#root) return fitting.slice(0, 1);
    return fitting.filter(({ draft, attribute }) => draft !== this.#root || !ofFrontend.has(attribute.name));
  }

  #set(draft: Draft, attribute: OlcAttribute, directive: Directive): void {
    const type = this.schema.attributeType(attribute.name);
    const name = type?.name ?? attribute.name;
    const words = name === 'olcLimits' ? this.#withDefaultLimits(directive.words) : directive.words;
    const isBoolean = type?.syntax.oid === booleanSyntax;
    // slapd keeps a value for each attribute of `index mail,cn eq`, so that each can be deleted alone.
    const lists = name === 'olcDbIndex' ? words[0]!.split(',').map((one) => [one, ...words.slice(1)]) : [words];
    const values = attribute.form === 'joined' ? [...words] : lists.map((list) => valueOf(attribute, list, isBoolean));
    if (attribute.form === 'words' && lists.some((list, index) => !isRead(values[index]!, list, isBoolean || raw.has(name)))) {
      throw new ConfigError(`"${directive.name}": cn=config cannot hold an argument with quotes and blanks like these`);
    }
    const before = draft.values.get(name) ?? [];
    const isNew = (value: string): boolean => attribute.ordered || !before.includes(value);
    if (type?.singleValue !== true) draft.values.set(name, [...before, ...values.filter(isNew)]);
    else if (added.has(name)) draft.values.set(name, [[...before, ...values].join(' ')]);
    else draft.values.set(name, values);
  }

  /** `limits` builds on the `sizelimit` and `timelimit` above it. In cn=config it comes first, and has to say all itself. */
  #withDefaultLimits([who = '', ...words]: readonly string[]): readonly string[] {
    const { values } = this.#database!.draft;
    const defaults = (['size', 'time'] as const).flatMap((kind) => {
      const written = values.get(kind === 'size' ? 'olcSizeLimit' : 'olcTimeLimit')?.[0]?.split(' ') ?? [];
      return written.map((word) => (word.toLowerCase().startsWith(kind) ? word : `${kind}=${word}`));
    });
    return [who, ...defaults, ...words];
  }
}

function valueOf({ form, name }: OlcAttribute, words: readonly string[], isBoolean: boolean): string {
  if (isBoolean) return /^(?:off|false|no)$/i.test(words[0] ?? '') ? 'FALSE' : 'TRUE';
  // "subordinate" alone.
  if (words.length === 0) return 'TRUE';
  if (form === 'whole') return words[0]!;
  return words.map((word) => (raw.has(name) ? word : quoteValue(word))).join(' ');
}

/** Does slapd, or jammd, read these words from the value? */
function isRead(value: string, words: readonly string[], isSimple: boolean): boolean {
  return isSimple || words.length === 0 || JSON.stringify(splitValue(value)) === JSON.stringify(words);
}

function isAllowed({ name }: OlcAttribute, { classes }: Draft): boolean {
  return classes.some((one) => {
    const { must = [], may = [] } = classAttributes.get(one) ?? {};
    return must.includes(name) || may.includes(name);
  });
}

function databaseEntry(number: number, type: string, classes: readonly string[]): DatabaseEntry {
  const value = `{${number}}${type}`;
  const draft = newDraft(`olcDatabase=${value},cn=config`, [databaseClass, ...classes], 'olcDatabase', value);
  return { draft, overlays: [] };
}

function newDraft(name: string, classes: readonly string[], naming: string, value: string): Draft {
  return { name, classes, values: new Map([[naming, [value]]]) };
}

function append({ values }: Draft, attribute: string, value: string): void {
  values.set(attribute, [...(values.get(attribute) ?? []), value]);
}

/** As slapd: the file's name up to the first full stop. */
function schemaEntryName(file: string): string {
  return (
    schemaBaseName(file)
      .replace(/\..*$/s, '')
      .replace(/["+,;<=>\\#]/g, '-') || 'schema'
  );
}

function given({ name, classes, values }: Draft): GivenEntry {
  const all: [string, readonly string[]][] = [['objectClass', classes], ...values];
  return { name, attributes: all.map(([type, texts]) => ({ type, values: texts.map((text) => Buffer.from(text)) })) };
}
