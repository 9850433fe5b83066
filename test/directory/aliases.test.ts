/** Searches that follow aliases: what is in scope, and what it costs others. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Directory } from '../../src/directory/directory.js';
import type { SearchScope } from '../../src/ldap/request.js';
import { longestTurn } from './longest-turn.js';
import { Client, manager, managerPassword, openDirectory, suffix } from './support.js';

const followsBelow = 1;
const followsAll = 3;

async function emptyDirectory(): Promise<{ directory: Directory; root: Client }> {
  const directory = await openDirectory('sizelimit unlimited\nmaxderefdepth 100');
  const root = new Client(directory);
  await root.bind(manager, managerPassword);
  await root.add(suffix, { objectClass: ['top', 'domain'], dc: 'myhosting' });
  return { directory, root };
}

const unit = (ou: string) => ({ objectClass: ['organizationalUnit'], ou });
const alias = (ou: string, target: string) => ({
  objectClass: ['alias', 'extensibleObject'],
  ou,
  aliasedObjectName: target,
});

describe('thousands of aliases', () => {
  const count = 3_600;
  let directory: Directory;
  let root: Client;

  beforeAll(async () => {
    ({ directory, root } = await emptyDirectory());
    await root.add(`ou=a,${suffix}`, unit('a'));
    await root.add(`ou=t,${suffix}`, unit('t'));
    const added = Array.from({ length: count }, (_, n) => [
      root.add(`ou=t${n},ou=t,${suffix}`, unit(`t${n}`)),
      root.add(`ou=a${n},ou=a,${suffix}`, alias(`a${n}`, `ou=t${n},ou=t,${suffix}`)),
    ]);
    for (const response of await Promise.all(added.flat())) expect(response.code).toBe(0);
  }, 60_000);

  afterAll(() => directory.close());

  it('are followed in slices', async () => {
    const longest = await longestTurn(async () => {
      const options = { derefAliases: followsAll, attributes: ['1.1'] };
      const { code, entries } = await new Client(directory).search(`ou=a,${suffix}`, options);
      expect([code, entries.length]).toEqual([0, count + 1]);
    });
    expect(longest).toBeLessThan(150);
  });

  it('do not outlast a search that is given up', async () => {
    const signal: { stopped: 'canceled' | undefined } = { stopped: undefined };
    const answer = root.search(`ou=a,${suffix}`, { derefAliases: followsAll, signal });
    signal.stopped = 'canceled';
    expect(await answer).toMatchObject({ code: 118, entries: [] });
    expect(directory.longSearches.count).toBe(0);
  });
});

describe('aliases that lead to each other', () => {
  /** By number: the entry above it, 0 for the suffix; and the entry it is an alias of, if it is one. */
  const graph = fc.array(fc.tuple(fc.nat(), fc.option(fc.nat(), { freq: 1 })), { minLength: 1, maxLength: 25 });
  const scopes = fc.constantFrom<SearchScope>('one', 'sub', 'children');

  it('cover what a plain search, repeated for each place they lead to, would find', async () => {
    await fc.assert(
      fc.asyncProperty(graph, scopes, fc.nat(), async (shape, scope, baseNumber) => {
        const { directory, root } = await emptyDirectory();
        const nodes: Node[] = [{ dn: suffix, parent: undefined, target: undefined }];
        for (const [above, target] of shape) {
          const parent = nodes[above % nodes.length]!;
          // Aliases have no children, as entries that the directory itself would take.
          const place = parent.target === undefined ? parent : nodes[0]!;
          const targetNumber = target === null ? undefined : target % (shape.length + 1);
          nodes.push({ dn: `ou=n${nodes.length},${place.dn}`, parent: place, target: targetNumber });
        }
        for (const [number, { dn, target }] of nodes.entries()) {
          if (number === 0) continue;
          const name = `n${number}`;
          const response = await root.add(dn, target === undefined ? unit(name) : alias(name, nodes[target]!.dn));
          expect(response.code).toBe(0);
        }
        const base = nodes[baseNumber % nodes.length]!;
        const found = await root.search(base.dn, { scope, derefAliases: followsBelow, attributes: ['1.1'] });
        expect(found.code).toBe(0);
        expect(found.entries.map(({ dn }) => dn).sort()).toEqual(covered(nodes, base, scope));
        await directory.close();
      }),
      { numRuns: 40 },
    );
  }, 60_000);
});

interface Node {
  readonly dn: string;
  readonly parent: Node | undefined;
  /** By number. */
  readonly target: number | undefined;
}

function isBelow(node: Node, ancestor: Node): boolean {
  for (let at = node.parent; at; at = at.parent) if (at === ancestor) return true;
  return false;
}

/** The entry at the end of a chain of aliases; undefined where the chain is a circle. */
function finalTarget(nodes: readonly Node[], alias: Node): Node | undefined {
  let at = alias;
  for (let steps = 0; at.target !== undefined; steps++) {
    if (steps > nodes.length) return undefined;
    at = nodes[at.target]!;
  }
  return at;
}

/** The names that a search finds, worked out the slow way. */
function covered(nodes: readonly Node[], base: Node, scope: SearchScope): string[] {
  const inScope = (node: Node, root: Node): boolean => {
    if (scope === 'one') return root === base ? node.parent === base : node === root;
    return isBelow(node, root) || (node === root && (root !== base || scope === 'sub'));
  };
  const roots = [base];
  const found = new Set<Node>();
  for (const root of roots) {
    for (const node of nodes.filter((one) => inScope(one, root))) {
      if (node.target === undefined || node === base) found.add(node);
      if (node.target === undefined || node === base) continue;
      const target = finalTarget(nodes, node);
      if (!target) continue;
      found.add(target);
      if (scope !== 'one' && !roots.includes(target)) roots.push(target);
    }
    if (root !== base) found.add(root);
  }
  return [...found].map(({ dn }) => dn).sort();
}
