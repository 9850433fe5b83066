/**
 * How an overlay declares its part of the configuration: its directives with their names in cn=config, the schema it
 * brings, and the settings that come of them. What it does is in src/directory/overlays/.
 */
import type { Directive } from '../directive.js';
import type { DatabaseDraft } from '../draft.js';
import type { Place } from '../place.js';
import type { ConfigReader } from '../reader.js';
import type { OverlayBlock } from './block.js';
import type { OverlaySettings } from './settings.js';

/** Where an overlay's directives are read. */
export interface OverlayContext {
  readonly reader: ConfigReader;
  readonly database: DatabaseDraft;
}

export interface OverlayOption<Draft> {
  /** The directive, in lower case. */
  readonly name: string;
  /** Its attribute in cn=config; undefined: slapd has none. */
  readonly olc: string | undefined;
  /** Throws ConfigError. */
  read(draft: Draft, directive: Directive, context: OverlayContext): void;
}

export interface OverlayDefinition<Draft> {
  readonly name: string;
  /** The object class of its entries in cn=config. */
  readonly olcClass: string;
  /** May it be given more than once in a database? */
  readonly repeatable: boolean;
  /** Definitions that come with it: lines as in a schema file, in the order in which they build on each other. */
  readonly schema?: readonly string[];
  /** Attributes of that schema whose values name attribute types. */
  readonly attributeNames?: readonly string[];
  readonly options: readonly OverlayOption<Draft>[];
  /** For the `overlay` line itself. */
  begin(directive: Directive, context: OverlayContext): Draft;
  /** After the last line of the configuration. Undefined: the overlay has nothing to do. */
  finish(draft: Draft, place: Place, context: OverlayContext): OverlaySettings | undefined;
}

/** An overlay as the parser sees it, whatever its draft is. */
export interface OverlayType {
  readonly name: string;
  readonly olcClass: string;
  readonly repeatable: boolean;
  readonly schema: readonly string[];
  readonly attributeNames: readonly string[];
  /** By the name of the directive. */
  readonly olcNames: ReadonlyMap<string, string | undefined>;
  begin(directive: Directive, context: OverlayContext): OverlayBlock;
}

export function defineOverlay<Draft>(definition: OverlayDefinition<Draft>): OverlayType {
  const options = new Map(definition.options.map((option) => [option.name, option]));
  const { name, olcClass, repeatable } = definition;
  return {
    name,
    olcClass,
    repeatable,
    schema: definition.schema ?? [],
    attributeNames: definition.attributeNames ?? [],
    olcNames: new Map(definition.options.map((option) => [option.name, option.olc])),
    begin(directive, context) {
      const draft = definition.begin(directive, context);
      const { file, line } = directive;
      return {
        file,
        line,
        name,
        readOption(option) {
          const found = options.get(option.name);
          found?.read(draft, option, context);
          return found !== undefined;
        },
        finish: () => definition.finish(draft, { file, line }, context),
      };
    },
  };
}
