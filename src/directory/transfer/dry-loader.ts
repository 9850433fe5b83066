/** Checks names as a load does, and stores nothing: for an import's dry run. */
import type { EntryDraft } from '../../entry/draft.js';
import type { RecordTemplate } from '../../entry/template.js';
import { NameTakenError } from '../../store/errors.js';
import type { Store } from '../../store/store.js';
import type { BulkLoader } from '../../store/transfer/bulk-load.js';

export class DryLoader implements BulkLoader {
  readonly #store: Store;
  readonly #added = new Map<string, number>();
  readonly full = false;

  constructor(store: Store) {
    this.#store = store;
  }

  idOf(ndn: string): number | undefined {
    return this.#added.get(ndn) ?? this.#store.idOf(ndn);
  }

  insert(entry: EntryDraft | RecordTemplate): number {
    const ndn = entry.dn.normalized;
    if (this.idOf(ndn) !== undefined) throw new NameTakenError(`an entry named ${ndn} exists`);
    const id = this.#store.entryCount + this.#added.size + 1;
    this.#added.set(ndn, id);
    return id;
  }

  noteContext(): void {
    // Nothing is kept.
  }

  drain(): Promise<void> {
    return Promise.resolve();
  }
}
