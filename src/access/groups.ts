/**
 * Looks up members of groups for access rules. A record never changes, so results are cached as long as the record
 * lives; writing to a group makes a new record.
 */
import { DN } from '../dn/dn.js';
import type { EntryRecord } from '../entry/record.js';
import type { AttributeDescription, Schema } from '../ldap/schema.js';
import { holdsMemberUrls, memberUrls, someUrlNames } from './member-urls.js';
import type { AccessEnvironment } from './model.js';
import type { Who } from './rule.js';
import { nameInValue } from './values.js';

export type GroupCondition = Extract<Who, { kind: 'group' }>;

/** What makes an entry a group, and where its members are. */
export type Membership = Pick<GroupCondition, 'objectClass' | 'member'>;

/** Names expanded from patterns: a server has about as many as domains that are busy. */
const namesMax = 10_000;

const nobody: ReadonlySet<string> = new Set();

type MemberUrls = ReturnType<typeof memberUrls>;

export class Groups {
  readonly #schema: Schema;
  readonly #objectClass: AttributeDescription | undefined;
  readonly #members = new WeakMap<EntryRecord, Map<string, ReadonlySet<string>>>();
  readonly #urls = new WeakMap<EntryRecord, Map<string, MemberUrls>>();
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

  /** Is `group` an entry of that class that lists `subject`, a normalised DN, or names it by a URL? */
  hasMember(group: EntryRecord, membership: Membership, subject: string, environment: AccessEnvironment): boolean {
    const { member } = membership;
    const key = `${membership.objectClass.oid} ${member.key}`;
    if (!holdsMemberUrls(member, this.#schema)) {
      const members = remembered(this.#members, group, key, () => this.#membersOf(group, membership));
      return members.has(subject);
    }
    const urls = remembered(this.#urls, group, key, () =>
      this.#isOfClass(group, membership) ? memberUrls(group, member, this.#schema) : [],
    );
    const user = urls.length === 0 ? undefined : environment.entryByNdn(subject);
    return user !== undefined && someUrlNames(urls, user);
  }

  #membersOf(group: EntryRecord, membership: Membership): ReadonlySet<string> {
    if (!this.#isOfClass(group, membership)) return nobody;
    const { member } = membership;
    const names = group.values(member).map((value) => nameInValue(value, member, this.#schema));
    return new Set(names.filter((name) => name !== undefined));
  }

  #isOfClass(group: EntryRecord, { objectClass }: Membership): boolean {
    const classes = this.#objectClass ? group.values(this.#objectClass) : [];
    return classes.some((value) => {
      const found = this.#schema.objectClass(value.toString('latin1'));
      return found !== undefined && found.lineage.includes(objectClass);
    });
  }
}

/** Groups are remembered for as long as the schema stays what it is. */
const groupsBySchema = new WeakMap<object, Groups>();

export function groupsOf(schema: Schema): Groups {
  let known = groupsBySchema.get(schema.epoch);
  if (!known) groupsBySchema.set(schema.epoch, (known = new Groups(schema)));
  return known;
}

function remembered<Value>(
  memory: WeakMap<EntryRecord, Map<string, Value>>,
  group: EntryRecord,
  key: string,
  work: () => Value,
): Value {
  let known = memory.get(group);
  if (!known) memory.set(group, (known = new Map<string, Value>()));
  let value = known.get(key);
  if (value === undefined) known.set(key, (value = work()));
  return value;
}
