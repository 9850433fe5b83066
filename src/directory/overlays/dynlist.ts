/** slapd's overlay dynlist: what searches and compares make of it is in ../lists/; here is what it stands on. */
import type { DynlistSettings } from '../../config/overlays/settings.js';
import type { AttributeDescription } from '../../ldap/schema.js';
import type { Database } from '../database.js';
import { wellKnownOf } from '../rules/schema-check.js';
import type { Overlay } from './overlay.js';

export class DynlistOverlay implements Overlay {
  readonly name = 'dynlist';
  readonly indexed: readonly AttributeDescription[];

  constructor({ schema }: Database, { rules, simple }: DynlistSettings) {
    const members = simple ? [] : rules.flatMap(({ mappings }) => mappings.filter(({ staticClass }) => staticClass));
    this.indexed = [wellKnownOf(schema).objectClass, ...new Set(members.map(({ member }) => member))];
  }
}
