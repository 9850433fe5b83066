/**
 * What a search covers when it follows the aliases it meets (RFC 4511 section 4.5.1.3): its own part of the tree, and those
 * that aliases lead to. The work grows with the number of aliases, which users may write, so it is done in slices, and each
 * alias and each part of the tree is gone through once, however the aliases lead to each other.
 */
import { ndnParent } from '../../dn/normalized.js';
import { RecordFlag, type EntryRecord } from '../../entry/record.js';
import type { SearchScope } from '../../ldap/request.js';
import { LdapError, ResultCode } from '../../ldap/result.js';
import type { Database } from '../database.js';
import type { OperationContext } from '../operations/operation.js';
import { aliasTarget } from './aliases.js';
import { aliasedPlacesMax } from '../limits.js';
import { readEntry } from './entry-reader.js';

/** One part of the tree that a search covers. */
export interface ScopeRoot {
  readonly id: number;
  readonly ndn: string;
  readonly scope: SearchScope;
}

/** To be asked after each step of long work: waits for the next slice where this one is over; false: stop. */
export type Proceed = () => boolean | Promise<boolean>;

/** An alias, or an entry above one. */
interface AliasNode {
  readonly id: number;
  readonly children: AliasNode[];
  isAlias: boolean;
  /** It and all below it have been gone through. */
  done: boolean;
}

export class AliasScope {
  /** By id, of entries that aliases lead to from a search of one level: those themselves belong to it, and no more. */
  readonly #single = new Set<number>();
  /** By normalised name, of entries that are in scope with all that is below them. */
  readonly #subtrees = new Set<string>();
  /** By id: the aliases and all that is above them, up to the root of all trees. */
  readonly #nodes = new Map<number, AliasNode>();

  private constructor(
    private readonly operation: OperationContext,
    private readonly database: Database,
    private readonly own: ScopeRoot,
    private readonly proceed: Proceed,
  ) {
    this.#newNode(0, false);
  }

  /** An alias that leads nowhere is passed over. Throws 11 where they lead to too many places. */
  static async find(operation: OperationContext, database: Database, own: ScopeRoot, proceed: Proceed): Promise<AliasScope> {
    const scope = new AliasScope(operation, database, own, proceed);
    if (await scope.#gather()) await scope.#follow();
    return scope;
  }

  /** Is the entry in one of the parts that aliases lead to? */
  includes(record: EntryRecord): boolean {
    return this.#single.has(record.id) || (this.#subtrees.size > 0 && this.#isCovered(record.ndn));
  }

  #isCovered(ndn: string): boolean {
    for (let name: string | undefined = ndn; name !== undefined; name = ndnParent(name)) {
      if (this.#subtrees.has(name)) return true;
    }
    return false;
  }

  /** Finds all aliases of the database, and the entries above them. False: stopped. */
  async #gather(): Promise<boolean> {
    const { store } = this.database;
    const candidates = this.database.classCandidates('alias');
    const ids = candidates === 'all' ? undefined : await store.candidateIds(candidates);
    if (ids) {
      for (const id of ids) {
        const record = readEntry(this.operation, this.database, id);
        if (record && !(await this.#note(record))) return false;
      }
      return true;
    }
    for await (const chunk of store.scan()) {
      for (const record of chunk) {
        const going = this.#note(record);
        if (going !== true && !(await going)) return false;
      }
    }
    return true;
  }

  #note(record: EntryRecord): boolean | Promise<boolean> {
    return (record.flags & RecordFlag.alias) === 0 ? this.proceed() : this.#noteAlias(record);
  }

  /** Climbs to the first entry that is known, so that each entry above an alias is read once. */
  async #noteAlias(record: EntryRecord): Promise<boolean> {
    const known = this.#nodes.get(record.id);
    if (known) {
      known.isAlias = true;
      return this.proceed();
    }
    let below = this.#newNode(record.id, true);
    for (let above: number | undefined = record.parentId; above !== undefined;) {
      const parent = this.#nodes.get(above);
      if (parent) {
        parent.children.push(below);
        break;
      }
      const node = this.#newNode(above, false);
      node.children.push(below);
      below = node;
      if (!(await this.proceed())) return false;
      above = readEntry(this.operation, this.database, above)?.parentId;
    }
    return this.proceed();
  }

  #newNode(id: number, isAlias: boolean): AliasNode {
    const node: AliasNode = { id, children: [], isAlias, done: false };
    this.#nodes.set(id, node);
    return node;
  }

  /** Goes through the aliases in scope, and through those below the places that they lead to. */
  async #follow(): Promise<void> {
    const { own } = this;
    const base = this.#nodes.get(own.id);
    if (!base) return;
    base.done = true;
    const todo = [...base.children];
    for (let node = todo.pop(); node; node = todo.pop()) {
      if (node.done) continue;
      node.done = true;
      if (node.isAlias) this.#followAlias(node.id, todo);
      if (own.scope !== 'one') for (const child of node.children) todo.push(child);
      if (!(await this.proceed())) return;
    }
  }

  #followAlias(id: number, todo: AliasNode[]): void {
    const alias = readEntry(this.operation, this.database, id);
    const target = alias && aliasTarget(this.operation, this.database, alias);
    if (!target) return;
    if (this.own.scope === 'one') {
      this.#single.add(target.id);
    } else if (!isInRoot(target, this.own) && !this.#isCovered(target.ndn)) {
      this.#subtrees.add(target.ndn);
      const node = this.#nodes.get(target.id);
      if (node) todo.push(node);
    }
    if (this.#single.size + this.#subtrees.size > aliasedPlacesMax) {
      throw new LdapError(ResultCode.adminLimitExceeded, `aliases lead to more than ${aliasedPlacesMax} places`);
    }
  }
}

export function isInRoot(record: EntryRecord, root: ScopeRoot): boolean {
  switch (root.scope) {
    case 'base':
      return record.id === root.id;
    case 'one':
      return record.parentId === root.id;
    case 'sub':
      return record.isWithin(root.ndn);
    case 'children':
      return record.id !== root.id && record.isWithin(root.ndn);
  }
}
