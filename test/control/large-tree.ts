/** Many accounts, so that reading all of them takes a while and does not fit into what sockets hold. */
import { account } from '../support/hosting-tree.js';

export function manyAccounts(count: number): string {
  return Array.from({ length: count }, (_, n) => account(`many${n}@one.example`, { description: `${n} `.repeat(60) })).join('');
}
