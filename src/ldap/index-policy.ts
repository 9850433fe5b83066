/** Which indexes an attribute has: what the configuration asks for and the store keeps. */
import type { AttributeDescription } from './schema.js';

export type IndexKind = 'pres' | 'eq' | 'sub' | 'approx';

/** The indexes of one attribute. */
export interface IndexPolicy {
  readonly description: AttributeDescription;
  readonly kinds: ReadonlySet<IndexKind>;
}
