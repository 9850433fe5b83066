/** Compares a DN with the DN of a rule, both normalised: equal, below, child. */
import { ndnIsBelow, ndnIsWithin, ndnParent } from '../dn/normalized.js';

export type NameScope = 'base' | 'one' | 'subtree' | 'children';

export function isInScope(ndn: string, scope: NameScope, base: string): boolean {
  switch (scope) {
    case 'base':
      return ndn === base;
    case 'subtree':
      return ndnIsWithin(ndn, base);
    case 'children':
      return ndnIsBelow(ndn, base);
    case 'one':
      return ndnParent(ndn) === base;
  }
}
