/** Overlays that find entries by indexes have these kept whether or not `index` lines ask for them. */
import type { IndexKind } from '../../ldap/index-policy.js';
import type { AttributeDescription } from '../../ldap/schema.js';
import type { Place } from '../place.js';
import type { OverlayContext } from './definition.js';

/** `areMany`: nobody wants to read of each. */
export function requireEqualityIndexes(
  context: OverlayContext,
  place: Place,
  what: string,
  attributes: readonly AttributeDescription[],
  areMany = false,
): void {
  for (const { text, type } of attributes) {
    if (!type.equality) context.reader.error(place, `attribute "${text}" of "${what}" has no equality matching rule`);
  }
  const compared = attributes.filter(({ type }) => type.equality !== undefined);
  requireIndexes(context, place, what, compared, 'eq', areMany);
}

export function requirePresenceIndexes(
  context: OverlayContext,
  place: Place,
  what: string,
  attributes: readonly AttributeDescription[],
  areMany = false,
): void {
  requireIndexes(context, place, what, attributes, 'pres', areMany);
}

const words: Readonly<Record<'eq' | 'pres', string>> = { eq: 'an equality index', pres: 'a presence index' };

function requireIndexes(
  { reader, database }: OverlayContext,
  place: Place,
  what: string,
  attributes: readonly AttributeDescription[],
  kind: IndexKind & ('eq' | 'pres'),
  areMany: boolean,
): void {
  const added = attributes.filter((description) => database.indexes.require(kind, description));
  if (areMany && added.length > 0) {
    reader.warn(place, `"${what}" keeps ${words[kind]} of ${added.length} attributes: all but those it ignores`);
    return;
  }
  for (const { text } of added) reader.warn(place, `"${what}" keeps ${words[kind]} of ${text}; add "index ${text} ${kind}"`);
}
