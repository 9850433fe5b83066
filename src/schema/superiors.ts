/** What a definition may say beside what its superiors say (RFC 4512 sections 2.4 and 2.5). Throws SchemaError. */
import type { AttributeType, ObjectClass, ObjectClassKind } from '../ldap/schema.js';
import { SchemaError, type AttributeTypeDefinition, type ObjectClassDefinition } from './definition.js';

export function checkAttributeType(definition: AttributeTypeDefinition, superior: AttributeType | undefined, what: string): void {
  if (definition.noUserModification && definition.usage === 'userApplications') {
    throw new SchemaError(`${what}: NO-USER-MODIFICATION needs an operational USAGE`);
  }
  if (definition.collective && (definition.singleValue || definition.usage !== 'userApplications')) {
    throw new SchemaError(`${what}: COLLECTIVE cannot be combined with SINGLE-VALUE or an operational USAGE`);
  }
  if (!superior) return;
  if (superior.usage !== definition.usage) {
    throw new SchemaError(`${what}: USAGE differs from that of its superior ${superior.name}`);
  }
  if (superior.obsolete && !definition.obsolete) {
    throw new SchemaError(`${what}: its superior ${superior.name} is obsolete`);
  }
}

const derivesFrom: Readonly<Record<ObjectClassKind, readonly ObjectClassKind[]>> = {
  abstract: ['abstract'],
  structural: ['abstract', 'structural'],
  auxiliary: ['abstract', 'auxiliary'],
};

export function checkObjectClass(definition: ObjectClassDefinition, superiors: readonly ObjectClass[], what: string): void {
  for (const superior of superiors) {
    if (!derivesFrom[definition.kind].includes(superior.kind)) {
      throw new SchemaError(`${what}: ${definition.kind} class cannot derive from ${superior.kind} ${superior.name}`);
    }
    if (superior.obsolete && !definition.obsolete) {
      throw new SchemaError(`${what}: its superior ${superior.name} is obsolete`);
    }
  }
}
