/**
 * The overlays that jammd has, and what is read of an overlay it does not have: it is refused as a whole, with its lines.
 */
import { SchemaError } from '../../schema/definition.js';
import { ConfigError, onlyWord, type Directive } from '../directive.js';
import type { ConfigReader } from '../reader.js';
import type { OverlayBlock } from './block.js';
import type { OverlayType } from './definition.js';
import { auditlogOverlay } from './auditlog.js';
import { constraintOverlay } from './constraint.js';
import { derefOverlay } from './deref.js';
import { dyngroupOverlay } from './dyngroup.js';
import { dynlistOverlay } from './dynlist.js';
import { memberofOverlay } from './memberof.js';
import { ppolicyOverlay } from './ppolicy.js';
import { refintOverlay } from './refint.js';
import { refusedOverlays } from './refused.js';
import { sssvlvOverlay } from './sssvlv.js';
import { syncprovOverlay } from './syncprov.js';
import { uniqueOverlay } from './unique.js';
import { valsortOverlay } from './valsort.js';

/** By name, as in `overlay <name>` and `moduleload <name>`. */
export const overlayTypes: ReadonlyMap<string, OverlayType> = new Map(
  [
    auditlogOverlay,
    constraintOverlay,
    derefOverlay,
    dyngroupOverlay,
    dynlistOverlay,
    valsortOverlay,
    memberofOverlay,
    ppolicyOverlay,
    refintOverlay,
    sssvlvOverlay,
    syncprovOverlay,
    uniqueOverlay,
  ].map((type) => [type.name, type]),
);

/** Which overlay each overlay directive belongs to. */
export const ownersOfOptions: ReadonlyMap<string, string> = new Map(
  [...overlayTypes.values()].flatMap(({ name, olcNames }) => [...olcNames.keys()].map((option) => [option, name] as const)),
);

/** Begins a block. Throws ConfigError where jammd lacks the overlay; the block begins all the same. */
export function beginOverlay(directive: Directive, reader: ConfigReader): void {
  const name = onlyWord(directive)
    .toLowerCase()
    .replace(/^slapo-/, '');
  const type = overlayTypes.get(name);
  reader.overlay = 'refused';
  if (!type) throw new ConfigError(`overlay "${name}": ${refusedOverlays.get(name) ?? 'this overlay is not supported'}`);
  loadSchema(type, reader);
  reader.overlay = openOverlay(type, directive, reader);
}

/** An overlay more in the database that directives speak of. */
export function openOverlay(type: OverlayType, directive: Directive, reader: ConfigReader): OverlayBlock {
  const database = reader.requireDatabase(directive);
  if (!type.repeatable && database.overlays.some((other) => other.name === type.name)) {
    throw new ConfigError(`${type.name} is given twice`);
  }
  const block = type.begin(directive, { reader, database });
  database.overlays.push(block);
  return block;
}

/** By the OIDs of what their modules define. */
const ownersOfDefinitions: ReadonlyMap<string, OverlayType> = new Map(
  [...overlayTypes.values()].flatMap((type) => type.schema.map((line) => [oidOf(line) ?? '', type] as const)),
);

function oidOf(definition: string): string | undefined {
  return /\(\s*([\d.]+)/.exec(definition)?.[1];
}

/**
 * A schema file may repeat what an overlay's module defines, as the ppolicy.schema of OpenLDAP 2.4 does: the module's own
 * definitions hold, and come first.
 */
export function loadSchemaDefining(definition: string, reader: ConfigReader): void {
  const owner = ownersOfDefinitions.get(oidOf(definition) ?? '');
  if (owner) loadSchema(owner, reader);
}

/** What an overlay's module defines is there from then on. */
export function loadSchema(type: OverlayType, reader: ConfigReader): void {
  if (reader.hasSchema || reader.overlaySchemas.has(type.name)) return;
  reader.overlaySchemas.add(type.name);
  for (const line of type.schema) {
    const [, kind, definition] = /^(attributetype|objectclass)\s+(.*)$/is.exec(line) ?? [];
    try {
      if (kind === 'attributetype') reader.builder.attributeType(definition!, true);
      else reader.builder.objectClass(definition!, true);
    } catch (error) {
      if (!(error instanceof SchemaError)) throw error;
      throw new ConfigError(`overlay "${type.name}": ${error.message}`);
    }
  }
  for (const name of type.attributeNames) reader.builder.holdsAttributeNames(name);
}

/** False if the directive does not belong to the overlay above it. */
export function readOverlayOption(directive: Directive, reader: ConfigReader): boolean {
  return typeof reader.overlay === 'object' && reader.overlay.readOption(directive);
}
