/** An entry in its editable form: what add and modify work on before it becomes a record. */
import type { DN } from '../dn/dn.js';
import type { AttributeDescription } from '../ldap/schema.js';

export interface DraftAttribute {
  readonly description: AttributeDescription;
  /** Replaced as a whole, never written to: drafts and requests share lists of values. */
  values: readonly Buffer[];
}

/** What an entry holds, to be read. */
export interface EntryContent {
  readonly dn: DN;
  readonly attributes: ReadonlyMap<string, DraftAttribute>;
}

export class EntryDraft implements EntryContent {
  /** By `description.key`, in the order the attributes came. An attribute without values is never kept. */
  readonly attributes: Map<string, DraftAttribute>;

  constructor(
    public dn: DN,
    attributes: Iterable<DraftAttribute> = [],
  ) {
    this.attributes = new Map();
    for (const attribute of attributes) this.attributes.set(attribute.description.key, attribute);
  }

  /** Another draft of the same. */
  copy(): EntryDraft {
    const copy = new EntryDraft(this.dn);
    for (const [key, { description, values }] of this.attributes) copy.attributes.set(key, { description, values });
    return copy;
  }

  values(description: AttributeDescription): readonly Buffer[] {
    return this.attributes.get(description.key)?.values ?? [];
  }

  set(description: AttributeDescription, values: readonly Buffer[]): void {
    if (values.length === 0) this.attributes.delete(description.key);
    else this.attributes.set(description.key, { description, values });
  }

  append(description: AttributeDescription, values: readonly Buffer[]): void {
    const present = this.attributes.get(description.key);
    if (present) present.values = [...present.values, ...values];
    else this.set(description, values);
  }
}
