/** The values that a write brings: what overlays look at that judge values one by one. */
import type { EntryDraft } from '../../entry/draft.js';
import type { EntryRecord } from '../../entry/record.js';
import type { AttributeDescription } from '../../ldap/schema.js';
import { valueKey } from '../operations/attribute-values.js';
import type { GivenChange } from './overlay.js';

export interface NewValues {
  readonly description: AttributeDescription;
  readonly values: readonly Buffer[];
}

/**
 * As slapd: what a modify request gives, whether or not it was there before; all of a new entry; else, as for a new name
 * or password, what was not there before.
 */
export function newValues(
  draft: EntryDraft,
  old: EntryRecord | undefined,
  given: readonly GivenChange[] | undefined,
): readonly NewValues[] {
  if (given) {
    return given.flatMap(({ operation, description, values }): NewValues[] => {
      if (operation === 'delete') return [];
      return [{ description, values: operation === 'increment' ? draft.values(description) : values }];
    });
  }
  const attributes = [...draft.attributes.values()];
  if (!old) return attributes;
  return attributes.flatMap(({ description, values }): NewValues[] => {
    const before = new Set(old.values(description).map((value) => valueKey(description, value)));
    const added = values.filter((value) => !before.has(valueKey(description, value)));
    return added.length === 0 ? [] : [{ description, values: added }];
  });
}
