/** Finds the hosting tree in a directory: where it was said to be, or where a directory usually has it. */
import type { DirectoryConnection } from './connection.js';
import { MailError } from './errors.js';
import { HostingTree, isBelow, sameDn } from './names.js';
import { told, type Told } from './told.js';

/**
 * The tree below `base`, in the server's spelling where it shows the entry. Without `base`, the one in which
 * `o=hosting` stands directly below a suffix of the directory, as the HOWTO and `jammd init` have it.
 *
 * @throws MailError `not-found` where there is certainly no such tree
 */
export async function findTree(directory: DirectoryConnection, base: string | undefined): Promise<HostingTree> {
  const suffixes = await namingContexts(directory);
  if (base !== undefined) {
    const name = await directory.nameOf(base);
    if (name === undefined && suffixes.length > 0 && !suffixes.some((suffix) => isBelow(base, suffix))) {
      throw noSuchBase(base, `the directory holds ${suffixes.join(' and ')}`);
    }
    if (name !== undefined && suffixes.some((suffix) => sameDn(suffix, base))) {
      const below = await directory.nameOf(hostingIn(name));
      if (below !== undefined)
        throw new MailError(
          'not-found',
          `${base} is the directory's suffix: its domains are below ${below}, so give that as --base.`,
        );
    }
    return new HostingTree(name ?? base);
  }
  const found: string[] = [];
  for (const suffix of suffixes) {
    const name = await directory.nameOf(hostingIn(suffix));
    if (name !== undefined) found.push(name);
  }
  const [only, ...others] = found;
  if (only !== undefined && others.length === 0) return new HostingTree(only);
  if (others.length > 0) throw new MailError('not-found', told('severalTrees', { bases: found.join(', ') }));
  // It may be there and hidden from strangers.
  const [suffix, ...more] = suffixes;
  if (suffix !== undefined && more.length === 0) return new HostingTree(hostingIn(suffix));
  throw new MailError('not-found', told('noTree'));
}

/** The tree as somebody sees it who may see all of it. @throws MailError `not-found` where it is not there */
export async function requireTree(directory: DirectoryConnection, tree: HostingTree): Promise<HostingTree> {
  const name = await directory.nameOf(tree.base);
  if (name === undefined) throw noSuchBase(tree.base, told('noSuchEntry'));
  return new HostingTree(name);
}

function hostingIn(suffix: string): string {
  return `o=hosting,${suffix}`;
}

function noSuchBase(base: string, reason: string | Told): MailError {
  return new MailError('not-found', told('noBase', { base, reason }));
}

/** The suffixes that hold entries of people; a server's own databases are named by cn. */
async function namingContexts(directory: DirectoryConnection): Promise<readonly string[]> {
  const root = await directory.read('', ['namingContexts']);
  return (root?.all('namingContexts') ?? []).filter((name) => name !== '' && !/^cn=/i.test(name));
}
