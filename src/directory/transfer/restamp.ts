/**
 * Gives all entries of a database new CSNs. Replicas may have seen changes that an older copy does not have, and a replica
 * ignores an entry whose CSN is not above that of its own copy.
 */
import type { Config } from '../../config/model.js';
import { DN } from '../../dn/dn.js';
import { sealRestamped } from '../../entry/sealed-entry.js';
import type { Store } from '../../store/store.js';
import { ChangeSequence } from '../rules/operational.js';
import { wellKnownOf } from '../rules/schema-check.js';

/** Entries that one write takes. */
const entriesAtOnce = 200;

export async function restampEntries(store: Store, { schema, serverId }: Config): Promise<void> {
  const { entryCSN } = wellKnownOf(schema);
  const changes = new ChangeSequence(serverId);
  changes.resumeAfter(store.latestTime);
  for await (const chunk of store.scan()) {
    for (let from = 0; from < chunk.length; from += entriesAtOnce) {
      await store.write((tx) => {
        for (const record of chunk.slice(from, from + entriesAtOnce)) {
          const csn = changes.next();
          tx.noteContext(csn);
          tx.replace(record, sealRestamped(record, DN.parse(record.dn, schema), entryCSN, csn), record.flags);
        }
      });
    }
  }
}
