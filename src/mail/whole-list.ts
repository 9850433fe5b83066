/**
 * All entries of a listing, although the directory ends each search at a size limit: where a search is cut off, its entries are
 * asked for by the beginnings of their addresses. (Paged results would not do: slapd counts its limit over all pages.)
 */
import type { DirectoryConnection, Listing, ListRequest } from './connection.js';
import { and, beginsWith, not, or } from './filters.js';
import type { MailEntry } from './mail-entry.js';

const searchesMax = 2_000;

const rememberedMax = 100;

/** Listings that turned out to be too long, by connection: it is not tried again with every page that somebody looks at. */
const tooLong = new WeakMap<DirectoryConnection, Set<string>>();

/**
 * For entries that have a `mail`. Where there are more than `splitMax` (`max` unless it is given), or than a bounded number of
 * searches shows, it answers with what one search shows, and `cut`.
 */
export async function listWhole(
  directory: DirectoryConnection,
  base: string,
  request: ListRequest & { readonly splitMax?: number },
): Promise<Listing> {
  const first = await directory.list(base, request);
  if (!first.cut || first.entries.length >= request.max) return first;
  const known = tooLong.get(directory) ?? new Set<string>();
  tooLong.set(directory, known);
  const max = request.splitMax ?? request.max;
  const name = `${max} ${base} ${request.filter.toString()}`;
  if (known.has(name)) return first;
  const whole = await new Splitting(directory, base, { ...request, max }).list();
  if (!whole.cut) return whole;
  if (known.size < rememberedMax) known.add(name);
  return first;
}

class Splitting {
  readonly #found = new Map<string, MailEntry>();
  #searches = 0;
  #complete = true;

  constructor(
    private readonly directory: DirectoryConnection,
    private readonly base: string,
    private readonly request: ListRequest,
  ) {}

  async list(): Promise<Listing> {
    await this.#collect('');
    const { max } = this.request;
    const entries = [...this.#found.values()].slice(0, max);
    return { entries, cut: !this.#complete || this.#found.size > max };
  }

  /** Everything whose address begins so. */
  async #collect(prefix: string): Promise<void> {
    const seen = new Set<string>();
    let part = await this.#search(prefix, seen);
    while (part.cut) {
      const fresh = nextLetters(part.entries, prefix).filter((letter) => !seen.has(letter));
      if (fresh.length === 0) {
        this.#complete = false;
        return;
      }
      for (const letter of fresh) {
        seen.add(letter);
        if (this.#isOver()) return;
        await this.#collect(prefix + letter);
      }
      part = await this.#search(prefix, seen);
    }
  }

  #isOver(): boolean {
    if (this.#searches >= searchesMax) this.#complete = false;
    return !this.#complete || this.#found.size > this.request.max;
  }

  /** One search for the beginning, less those beginnings that have been asked for already. */
  async #search(prefix: string, without: ReadonlySet<string>): Promise<Listing> {
    const { attributes, filter } = this.request;
    const terms = [
      ...(prefix === '' ? [] : [beginsWith('mail', prefix)]),
      ...(without.size === 0 ? [] : [not(or(...[...without].map((letter) => beginsWith('mail', prefix + letter))))]),
    ];
    this.#searches += 1;
    const listing = await this.directory.list(this.base, {
      ...this.request,
      filter: and(...terms, filter),
      attributes: [...attributes.filter((name) => name !== '1.1'), 'mail'],
    });
    for (const entry of listing.entries) this.#found.set(entry.dn, entry);
    return listing;
  }
}

/** How the addresses that begin with `prefix` go on. */
function nextLetters(entries: readonly MailEntry[], prefix: string): string[] {
  const letters = new Set<string>();
  for (const entry of entries) {
    for (const mail of entry.all('mail')) {
      const address = mail.toLowerCase();
      const letter = address.startsWith(prefix) ? address.charAt(prefix.length) : '';
      if (letter !== '') letters.add(letter);
    }
  }
  return [...letters];
}
