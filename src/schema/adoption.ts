/**
 * Brings a schema that is in use up to date with one that has been read anew. What is defined as before stays the same object, so that
 * whatever is under way goes on with it.
 */
import type { AttributeTypeDefinition } from './definition.js';
import type { AttributeType, ObjectClass } from '../ldap/schema.js';
import type { Defined, SchemaTables } from './schema.js';
import { createDerivedSyntax, type KnownSyntax } from './syntaxes.js';

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

type Rows<Element, Definition> = Map<string, Defined<Element, Definition>>;

/**
 * `resolve`: makes an attribute type of a definition, with what `live` holds by then. Answers the types that are new or replaced;
 * undefined where nothing differs.
 */
export function adoptTables(
  live: SchemaTables,
  other: SchemaTables,
  resolve: (definition: AttributeTypeDefinition) => AttributeType,
): ReadonlySet<AttributeType> | undefined {
  if (formOf(live) === formOf(other)) return undefined;
  const replacedSyntaxes = adoptSyntaxes(live, other);
  const made = new Set<AttributeType>();
  const isCurrent = (type: AttributeType | undefined): boolean =>
    type === undefined || live.attributeTypes.get(type.oid)?.element === type;
  adoptRows(live.attributeTypes, other.attributeTypes, {
    keeps: (type) => isCurrent(type.superior) && !replacedSyntaxes.has(type.syntax.oid),
    make: ({ definition }) => {
      const type = resolve(definition);
      made.add(type);
      return type;
    },
  });
  const typeOf = (type: AttributeType): AttributeType => live.attributeTypes.get(type.oid)!.element;
  const classOf = (one: ObjectClass): ObjectClass => live.objectClasses.get(one.oid)!.element;
  adoptRows(live.objectClasses, other.objectClasses, {
    keeps: ({ superiors, must, may }) =>
      superiors.every((one) => live.objectClasses.get(one.oid)?.element === one) && [...must, ...may].every(isCurrent),
    make: ({ element }) => {
      const own: Mutable<ObjectClass> = {
        ...element,
        superiors: element.superiors.map(classOf),
        must: new Set([...element.must].map(typeOf)),
        may: new Set([...element.may].map(typeOf)),
        lineage: [],
      };
      own.lineage = [...new Set([own, ...own.superiors.flatMap(({ lineage }) => lineage)])];
      return own;
    },
  });
  live.contentRules.clear();
  for (const { element, ...row } of other.contentRules.values()) {
    const own = {
      ...element,
      structuralClass: classOf(element.structuralClass),
      auxiliary: new Set([...element.auxiliary].map(classOf)),
      must: new Set([...element.must].map(typeOf)),
      may: new Set([...element.may].map(typeOf)),
      not: new Set([...element.not].map(typeOf)),
    };
    live.contentRules.set(own.structuralClass, { ...row, element: own });
  }
  live.options = other.options;
  return made;
}

/** Answers the OIDs of syntaxes that mean something else than before. */
function adoptSyntaxes(live: SchemaTables, other: SchemaTables): ReadonlySet<string> {
  const before = new Map(live.syntaxes);
  const replaced = new Set<string>();
  live.syntaxes.clear();
  for (const [oid, syntax] of other.syntaxes) {
    const known = before.get(oid);
    const kept = known !== undefined && textOf(known.definition) === textOf(syntax.definition);
    live.syntaxes.set(oid, kept ? known : derivedAgain(syntax, live));
    if (!kept) replaced.add(oid);
  }
  return replaced;
}

function derivedAgain({ definition }: KnownSyntax, live: SchemaTables): KnownSyntax {
  const substitute = definition.extensions.find(({ name }) => name === 'X-SUBST')?.values[0];
  return createDerivedSyntax(definition, substitute === undefined ? undefined : live.syntaxes.get(substitute));
}

function adoptRows<Element, Definition extends { readonly oid: string; readonly names: readonly string[] }>(
  live: Rows<Element, Definition>,
  other: Rows<Element, Definition>,
  how: { keeps(element: Element): boolean; make(row: Defined<Element, Definition>): Element },
): void {
  const before = new Map(live);
  live.clear();
  for (const row of new Set(other.values())) {
    const { oid, names } = row.definition;
    const known = before.get(oid);
    const isKept = known !== undefined && rowText(known) === rowText(row) && how.keeps(known.element);
    const own = isKept ? known : { ...row, element: how.make(row) };
    live.set(oid, own);
    for (const name of names) live.set(name.toLowerCase(), own);
  }
}

function formOf({ attributeTypes, objectClasses, contentRules, syntaxes, options }: SchemaTables): string {
  const rows = [attributeTypes, objectClasses, contentRules].map((table) => [
    ...new Set<Defined<unknown, unknown>>(table.values()),
  ]);
  const definitions = [...syntaxes.values()].map(({ definition }) => definition);
  return textOf([rows.map((table) => table.map(rowText)), definitions, [...options.exact], options.prefixes]);
}

function rowText({ definition, hidden }: Defined<unknown, unknown>): string {
  return textOf([definition, hidden]);
}

function textOf(value: unknown): string {
  return JSON.stringify(value);
}
