/**
 * Looks up members of groups for access rules. A record never changes, so results are cached as long as the record
 * lives; writing to a group makes a new record.
 */
import { DN } from '../dn/dn.js';
import type { EntryRecord } from '../entry/record.js';
import type { AttributeDescription, Schema } from '../ldap/schema.js';
import type { Who } from './rule.js';
import { nameInValue } from './values.js';

export type GroupCondition = Extract<Who, { kind: 'group' }>;

/** What makes an entry a group, and where its members are. */
export type Membership = Pick<GroupCondition, 'objectClass' | 'member'>;

/** Names expanded from patterns: a server has about as many as domains that are busy. */
const namesMax = 10_000;

const nobody: ReadonlySet<string> = new Set();

export class Groups {
  readonly #schema: Schema;
  readonly #objectClass: AttributeDescription | undefined;
  readonly #members = new WeakMap<EntryRecord, Map<string, ReadonlySet<string>>>();
  readonly #names = new Map<string, string | undefined>();

  constructor(schema: Schema) {
    this.#schema = schema;
    this.#objectClass = schema.attributeDescription('objectClass');
  }

  /** The normalised DN; undefined where `text` is none. */
  name(text: string): string | undefined {
    const known = this.#names.get(text);
    if (known !== undefined || this.#names.has(text)) return known;
    const name = this.#parse(text);
    if (this.#names.size >= namesMax) this.#names.clear();
    this.#names.set(text, name);
    return name;
  }

  #parse(text: string): string | undefined {
    try {
      return DN.parse(text, this.#schema).normalized;
    } catch {
      return undefined;
    }
  }

  /** Is `group` an entry of that class that lists `subject`, a normalised DN? */
  hasMember(group: EntryRecord, membership: Membership, subject: string): boolean {
    let known = this.#members.get(group);
    if (!known) this.#members.set(group, (known = new Map<string, ReadonlySet<string>>()));
    const key = `${membership.objectClass.oid} ${membership.member.key}`;
    let members = known.get(key);
    if (!members) known.set(key, (members = this.#membersOf(group, membership)));
    return members.has(subject);
  }

  #membersOf(group: EntryRecord, { objectClass, member }: Membership): ReadonlySet<string> {
    const classes = this.#objectClass ? group.values(this.#objectClass) : [];
    const isGroup = classes.some((value) => {
      const found = this.#schema.objectClass(value.toString('latin1'));
      return found !== undefined && found.lineage.includes(objectClass);
    });
    if (!isGroup) return nobody;
    const names = group.values(member).map((value) => nameInValue(value, member, this.#schema));
    return new Set(names.filter((name) => name !== undefined));
  }
}
