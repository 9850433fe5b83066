/** What may be wrong with where mail is sent on to, to tell whoever sends it there: nothing of it is forbidden. */
import { destinationKey, displayAddress, splitAddress } from './address.js';
import type { MailContext } from './context.js';
import { getCatchAll } from './catch-all.js';
import { domainAttributes, toDomain, type Domain } from './domains.js';
import { findPerson, type Person } from './entries.js';
import { told, type Told } from './told.js';

/** Addresses that are looked at for one warning; beyond it nobody is warned. */
const visitsMax = 100;

/** Warnings about the destinations of an address; none where all is well. */
export async function destinationWarnings(
  context: MailContext,
  address: string,
  destinations: readonly string[],
): Promise<readonly Told[]> {
  const survey = new Survey(context);
  const warnings: Told[] = [];
  for (const destination of destinations) {
    const trouble = await survey.trouble(destination);
    if (trouble !== undefined) warnings.push(told(trouble, { address: displayAddress(destination) }));
  }
  const loop = await survey.loop(address, destinations);
  if (loop !== undefined)
    warnings.push(told('loop', { address: displayAddress(address), way: loop.map(displayAddress).join(' → ') }));
  return warnings;
}

type Trouble = 'toDeletedDomain' | 'toInactiveDomain' | 'toNobody' | 'toDeleted' | 'toInactive';

class Survey {
  readonly #domains = new Map<string, Promise<Domain | undefined>>();
  readonly #people = new Map<string, Promise<Person | undefined>>();

  constructor(private readonly context: MailContext) {}

  /** Why an address of ours gets no mail. */
  async trouble(destination: string): Promise<Trouble | undefined> {
    const domain = await this.#domain(splitAddress(destination)[1]);
    if (domain === undefined) return undefined;
    if (domain.deleted || !domain.active) return domain.deleted ? 'toDeletedDomain' : 'toInactiveDomain';
    const person = await this.#person(destination);
    if (person === undefined) return 'toNobody';
    if (person.kind === 'account' && person.deleted) return 'toDeleted';
    return person.active ? undefined : 'toInactive';
  }

  /** The way back to an address. */
  async loop(address: string, destinations: readonly string[]): Promise<readonly string[] | undefined> {
    const goal = destinationKey(address);
    const waiting = destinations
      .filter((destination) => destinationKey(destination) !== goal)
      .map((destination): readonly string[] => [address, destination]);
    const seen = new Set<string>();
    for (let way = waiting.shift(); way !== undefined && seen.size < visitsMax; way = waiting.shift()) {
      const last = way.at(-1) ?? '';
      if (seen.has(destinationKey(last))) continue;
      seen.add(destinationKey(last));
      for (const next of goesTo(await this.#person(last))) {
        if (destinationKey(next) === goal) return [...way, address];
        waiting.push([...way, next]);
      }
    }
    return undefined;
  }

  /** Whoever has an address, be it under the other name of a domain, or by its catch-all. */
  #person(address: string): Promise<Person | undefined> {
    const key = destinationKey(address);
    const known = this.#people.get(key) ?? this.#findPerson(address);
    this.#people.set(key, known);
    return known;
  }

  async #findPerson(address: string): Promise<Person | undefined> {
    const [local, name] = splitAddress(address);
    const named = await this.#domain(name);
    const domain = named?.aliasOf === undefined ? named : await this.#domain(named.aliasOf);
    if (domain === undefined) return undefined;
    return (await findPerson(this.context, domain.name, `${local}@${domain.name}`)) ?? getCatchAll(this.context, domain.name);
  }

  #domain(name: string): Promise<Domain | undefined> {
    const known = this.#domains.get(name) ?? this.#readDomain(name);
    this.#domains.set(name, known);
    return known;
  }

  async #readDomain(name: string): Promise<Domain | undefined> {
    if (name === '') return undefined;
    const entry = await this.context.directory.read(this.context.tree.domain(name), domainAttributes);
    return entry && toDomain(entry);
  }
}

/** Where mail goes on from an address; a copy that is kept ends there. */
function goesTo(person: Person | undefined): readonly string[] {
  if (person === undefined) return [];
  return person.kind === 'alias' ? person.destinations : person.forwardTo;
}
