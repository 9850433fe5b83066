/** `unique`: no two entries share a value. */
import type { UniqueSettings } from '../../config/overlays/settings.js';
import type { DN } from '../../dn/dn.js';
import { ndnIsWithin } from '../../dn/normalized.js';
import type { EntryDraft } from '../../entry/draft.js';
import type { EntryRecord } from '../../entry/record.js';
import { LdapError, ResultCode } from '../../ldap/result.js';
import type { AttributeDescription } from '../../ldap/schema.js';
import type { Database } from '../database.js';
import { valueKey } from '../operations/attribute-values.js';
import { holdersOf } from './holders.js';
import type { Overlay, Write } from './overlay.js';

export class UniqueOverlay implements Overlay {
  readonly name = 'unique';
  readonly indexed: readonly AttributeDescription[];

  constructor(
    private readonly database: Database,
    private readonly settings: UniqueSettings,
  ) {
    this.indexed = settings.rules.flatMap((rule) => rule.attributes);
  }

  /** Throws 19 where the entry would take a value that another one has. */
  check({ tx }: Write, entry: EntryDraft, old: EntryRecord | undefined): void {
    for (const { attributes, base } of this.settings.rules) {
      if (base && !entry.dn.isWithin(base)) continue;
      for (const description of attributes) {
        const before = new Set(old?.values(description).map((value) => valueKey(description, value)));
        for (const value of entry.values(description)) {
          const key = valueKey(description, value);
          if (before.has(key) && old?.ndn === entry.dn.normalized) continue;
          for (const holder of holdersOf(this.database, tx, description, key)) {
            if (!isOther(holder, old, base)) continue;
            throw new LdapError(
              ResultCode.constraintViolation,
              `some attributes not unique: ${description.text} '${value.toString()}' is taken`,
            );
          }
        }
      }
    }
  }
}

function isOther(holder: EntryRecord, old: EntryRecord | undefined, base: DN | undefined): boolean {
  return holder.id !== old?.id && (!base || ndnIsWithin(holder.ndn, base.normalized));
}
