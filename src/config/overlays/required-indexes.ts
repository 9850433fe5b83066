/** Overlays that find entries by equality indexes have these kept whether or not `index` lines ask for them. */
import type { AttributeDescription } from '../../ldap/schema.js';
import type { Place } from '../place.js';
import type { OverlayContext } from './definition.js';

export function requireEqualityIndexes(
  { reader, database }: OverlayContext,
  place: Place,
  what: string,
  attributes: readonly AttributeDescription[],
): void {
  for (const description of attributes) {
    if (!description.type.equality) {
      reader.error(place, `attribute "${description.text}" of "${what}" has no equality matching rule`);
    } else if (database.indexes.requireEquality(description)) {
      reader.warn(place, `"${what}" keeps an equality index of ${description.text}; add "index ${description.text} eq"`);
    }
  }
}
