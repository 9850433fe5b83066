/** An entry as a use case reads it: its attributes as lists of strings, whatever the case of their names. */
import type { Entry as LdaptsEntry } from 'ldapts';

/** An entry as it was read. */
export class MailEntry {
  readonly #values = new Map<string, readonly string[]>();

  constructor(
    readonly dn: string,
    attributes: Readonly<Record<string, readonly string[]>>,
  ) {
    for (const [type, values] of Object.entries(attributes)) this.#values.set(type.toLowerCase(), values);
  }

  /** All values of an attribute, whatever the case of its name; empty where there is none. */
  all(type: string): readonly string[] {
    return this.#values.get(type.toLowerCase()) ?? [];
  }

  first(type: string): string | undefined {
    return this.all(type)[0];
  }

  /** `TRUE`, and nothing else, is true. */
  flag(type: string, absent = false): boolean {
    const value = this.first(type);
    return value === undefined ? absent : value === 'TRUE';
  }

  isA(objectClass: string): boolean {
    return this.all('objectClass').some((name) => name.toLowerCase() === objectClass.toLowerCase());
  }
}

export function toMailEntry(entry: LdaptsEntry): MailEntry {
  const attributes: Record<string, readonly string[]> = {};
  for (const [type, value] of Object.entries(entry)) {
    if (type === 'dn') continue;
    attributes[type] = (Array.isArray(value) ? value : [value]).map((one) =>
      typeof one === 'string' ? one : one.toString('utf8'),
    );
  }
  return new MailEntry(entry.dn, attributes);
}
