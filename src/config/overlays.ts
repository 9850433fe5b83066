/**
 * `overlay <name>` and the lines that belong to it. jammd has built in what slapd does in the overlays unique, refint and
 * sssvlv; their directives configure the built-in rules. Any other overlay is refused as a whole, with its lines.
 */
import { decodeUrlPart, UrlSyntaxError } from './url.js';
import {
  attributeDescription,
  ConfigError,
  distinguishedName,
  onlyNumber,
  onlyWord,
  requireWords,
  type Directive,
} from './directive.js';
import type { DatabaseDraft } from './draft.js';
import { addReferences, newUniqueRule, readNothing } from './entry-rules.js';
import type { ConfigReader, OptionHandler } from './reader.js';

type DatabaseOptionHandler = (directive: Directive, database: DatabaseDraft, reader: ConfigReader) => void;

interface BuiltInOverlay {
  /** Called for the `overlay` line itself. */
  readonly begin: OptionHandler;
  readonly options: ReadonlyMap<string, OptionHandler>;
}

function inDatabase(handler: DatabaseOptionHandler): OptionHandler {
  return (directive, reader) => handler(directive, reader.requireDatabase(directive), reader);
}

const refuse =
  (why: string): OptionHandler =>
  (directive) => {
    throw new ConfigError(`"${directive.name}" is not supported: ${why}`);
  };

const everyAttribute = 'every attribute but those named would have to be unique; name the attributes that have to be';
const missingValues = 'a missing value is never compared; leave "strict" out';

const builtInOverlays: ReadonlyMap<string, BuiltInOverlay> = new Map<string, BuiltInOverlay>([
  [
    'unique',
    {
      begin: inDatabase(() => undefined),
      options: new Map([
        ['unique_uri', inDatabase(readUniqueUri)],
        ['unique_base', inDatabase(readUniqueBase)],
        ['unique_attributes', inDatabase(readUniqueAttributes)],
        ['unique_ignore', refuse(everyAttribute)],
        ['unique_strict', refuse(missingValues)],
      ]),
    },
  ],
  [
    'refint',
    {
      begin: inDatabase((directive, database, { schema }) => {
        if (database.refint) throw new ConfigError('refint is given twice');
        const modifiersName = distinguishedName('cn=Referential Integrity Overlay', directive.name, schema);
        database.refint = { attributes: [], nothing: undefined, modifiersName };
      }),
      options: new Map([
        ['refint_attributes', inDatabase(readRefintAttributes)],
        ['refint_nothing', inDatabase(readRefintNothing)],
        ['refint_modifiersname', inDatabase(readRefintModifiersName)],
      ]),
    },
  ],
  [
    'sssvlv',
    {
      begin: () => undefined,
      options: new Map(
        ['sssvlv-max', 'sssvlv-maxkeys', 'sssvlv-maxperconn'].map((name) => [
          name,
          (directive: Directive, reader: ConfigReader): void => {
            onlyNumber(directive);
            reader.warn(directive, `"${name}" has no effect: searches sort by at most 5 keys, in bounded memory`);
          },
        ]),
      ),
    },
  ],
]);

/** Other overlays: what to write instead. */
const alternatives: ReadonlyMap<string, string> = new Map([
  ['glue', 'write "subordinate" in the database below; that is all it takes'],
  ['auditlog', 'run "jammd serve --audit-log FILE"'],
]);

export function isBuiltInOverlay(name: string): boolean {
  return builtInOverlays.has(name);
}

/** Begins a block. Throws ConfigError where the overlay is not built in; the block begins all the same. */
export function beginOverlay(directive: Directive, reader: ConfigReader): void {
  const name = onlyWord(directive)
    .toLowerCase()
    .replace(/^slapo-/, '');
  const builtIn = builtInOverlays.get(name);
  reader.overlay = { name, options: builtIn?.options };
  if (builtIn) return builtIn.begin(directive, reader);
  throw new ConfigError(`overlay "${name}": ${alternatives.get(name) ?? 'this overlay is not supported'}`);
}

/** False if the directive does not belong to the overlay above it. */
export function readOverlayOption(directive: Directive, reader: ConfigReader): boolean {
  const handler = reader.overlay?.options?.get(directive.name);
  handler?.(directive, reader);
  return handler !== undefined;
}

/** `unique_uri`: keywords and URIs, several of which may stand in one word. */
function readUniqueUri(directive: Directive, database: DatabaseDraft, reader: ConfigReader): void {
  requireWords(directive, 1);
  requireOneForm(directive, database.uniqueLegacy !== undefined);
  const words = directive.words.flatMap((word) => word.split(/\s+/)).filter((word) => word !== '');
  let uris = 0;
  for (const word of words) {
    switch (word.toLowerCase()) {
      case 'ignore':
        throw new ConfigError(`"ignore" of "unique_uri" is not supported: ${everyAttribute}`);
      case 'strict':
        throw new ConfigError(`"strict" of "unique_uri" is not supported: ${missingValues}`);
      // Writes are checked and made one at a time in any case.
      case 'serialize':
        continue;
      default:
        uris++;
        database.unique.push(uniqueUri(word, directive, reader));
    }
  }
  if (uris === 0) throw new ConfigError('no URI in "unique_uri"');
  database.uniqueUris = true;
}

const uniqueUriPattern = /^ldap:\/\/\/([^?]*)(?:\?([^?]*)(?:\?([^?]*)(?:\?(.*))?)?)?$/is;

/** `ldap:///[base]?[attributes]?scope[?filter]` */
function uniqueUri(text: string, directive: Directive, reader: ConfigReader): ReturnType<typeof newUniqueRule> {
  const found = uniqueUriPattern.exec(text);
  if (!found) throw new ConfigError(`"${text}" of "unique_uri" is not ldap:///[base]?attributes?sub`);
  const [, base = '', names = '', scope = '', filter] = found;
  if (!/^(?:sub(?:tree)?)?$/i.test(scope)) {
    throw new ConfigError(`scope "${scope}" of "unique_uri" is not supported: only "sub" is`);
  }
  if (filter !== undefined && !/^(?:\(objectclass=\*\))?$/i.test(filter)) {
    throw new ConfigError(
      `filter "${filter}" of "unique_uri" is not supported: values are unique among all entries below the base`,
    );
  }
  try {
    const attributes = decodeUrlPart(names)
      .split(',')
      .filter((name) => name !== '');
    if (attributes.length === 0) throw new ConfigError(`"${text}" of "unique_uri" is not supported: ${everyAttribute}`);
    return newUniqueRule(directive, attributes, decodeUrlPart(base) || undefined, reader.schema);
  } catch (error) {
    if (!(error instanceof UrlSyntaxError)) throw error;
    throw new ConfigError(`"${text}" of "unique_uri": ${error.message}`);
  }
}

function readUniqueBase(directive: Directive, database: DatabaseDraft, { schema }: ConfigReader): void {
  const base = distinguishedName(onlyWord(directive), directive.name, schema);
  requireOneForm(directive, database.uniqueUris);
  database.uniqueLegacy = { names: [], ...database.uniqueLegacy, place: directive, base };
}

function readUniqueAttributes(directive: Directive, database: DatabaseDraft, { schema }: ConfigReader): void {
  requireWords(directive, 1);
  requireOneForm(directive, database.uniqueUris);
  for (const name of directive.words) attributeDescription(name, directive.name, schema);
  const before = database.uniqueLegacy;
  database.uniqueLegacy = { base: before?.base, names: [...(before?.names ?? []), ...directive.words], place: directive };
}

/** slapd refuses them together, too. */
function requireOneForm(directive: Directive, other: boolean): void {
  if (other) throw new ConfigError(`"${directive.name}" cannot be used together with the other form of configuration`);
}

function readRefintAttributes(directive: Directive, database: DatabaseDraft, { schema }: ConfigReader): void {
  requireWords(directive, 1);
  database.refint = addReferences(database.refint, directive.words, directive.name, schema);
  database.refintPlace = directive;
}

function readRefintNothing(directive: Directive, database: DatabaseDraft, { schema }: ConfigReader): void {
  database.refint = readNothing(database.refint, onlyWord(directive), directive.name, schema);
}

function readRefintModifiersName(directive: Directive, database: DatabaseDraft, { schema }: ConfigReader): void {
  const modifiersName = distinguishedName(onlyWord(directive), directive.name, schema);
  database.refint = { attributes: [], nothing: undefined, ...database.refint, modifiersName };
}
