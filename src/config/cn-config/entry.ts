/** An entry of cn=config: its name, its attributes, and the entries below it in their order. */

export interface CnConfigAttribute {
  /** As written. */
  readonly type: string;
  readonly values: readonly Buffer[];
}

export interface CnConfigEntry {
  /** Its DN: `olcDatabase={1}mdb,cn=config`. */
  readonly name: string;
  /** By type in lower case. */
  readonly attributes: ReadonlyMap<string, CnConfigAttribute>;
  readonly children: readonly CnConfigEntry[];
  /** The name of its file without `.ldif`, where it came from one. */
  readonly file?: string;
}

/** A value without the number in front that orders it: `{0}to * by * read`. */
export function withoutNumber(value: string): string {
  return value.replace(/^\{-?\d+\}/, '');
}

/** The first value of an attribute as text. */
export function textOf(entry: CnConfigEntry, type: string): string | undefined {
  return entry.attributes.get(type)?.values[0]?.toString();
}

export function isOfClass(entry: CnConfigEntry, objectClass: string): boolean {
  const values = entry.attributes.get('objectclass')?.values ?? [];
  return values.some((value) => value.toString().toLowerCase() === objectClass.toLowerCase());
}
