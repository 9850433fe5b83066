/** `constraint`: what values of an attribute may look like, how many there may be, and where they must come from. */
import { SetMemory, setMatches } from '../../access/set-members.js';
import type { Captures } from '../../access/template.js';
import type { ConstraintRule, ConstraintSettings } from '../../config/overlays/settings.js';
import type { EntryDraft } from '../../entry/draft.js';
import type { EntryRecord } from '../../entry/record.js';
import { LdapError, ResultCode } from '../../ldap/result.js';
import type { AttributeDescription } from '../../ldap/schema.js';
import type { Transaction } from '../../store/model.js';
import type { Database } from '../database.js';
import type { DirectoryEnvironment } from '../environment.js';
import { valueKey } from '../operations/attribute-values.js';
import { transientRecord } from '../server-entries/virtual-entry.js';
import { EntryRangeTest } from './entry-range.js';
import { holdersOf } from './holders.js';
import { newValues, type NewValues } from './new-values.js';
import type { GivenChange, Overlay, Write } from './overlay.js';

/** Nothing was matched before. */
const noCaptures: Captures = { name: () => '', value: () => '' };

interface Rule extends Omit<ConstraintRule, 'restrict'> {
  readonly keys: ReadonlySet<string>;
  readonly restrict: EntryRangeTest | undefined;
  /** Of a test by URI: where the values must be. */
  readonly source: EntryRangeTest | undefined;
}

export class ConstraintOverlay implements Overlay {
  readonly name = 'constraint';
  readonly indexed: readonly AttributeDescription[];
  readonly #rules: readonly Rule[];

  constructor(
    private readonly directory: DirectoryEnvironment,
    private readonly database: Database,
    { rules }: ConstraintSettings,
  ) {
    this.indexed = rules.flatMap(({ test }) => (test.kind === 'uri' ? test.attributes : []));
    this.#rules = rules.map(({ attributes, test, restrict }) => ({
      attributes,
      test,
      keys: new Set(attributes.map(({ key }) => key)),
      restrict: restrict && new EntryRangeTest(database, restrict),
      source: test.kind === 'uri' ? new EntryRangeTest(database, test.range) : undefined,
    }));
  }

  /** Throws 19. As slapd: what changes an entry is bound by the rules for the entry as it was. */
  check(write: Write, draft: EntryDraft, old: EntryRecord | undefined, given?: readonly GivenChange[]): void {
    if (write.isRelaxed) return;
    const changes = newValues(draft, old, given).filter(({ description }) => !description.type.operational);
    for (const rule of this.#rules) {
      if (!isBound(rule, draft, old)) continue;
      if (rule.test.kind === 'count') checkCount(rule.test.most, rule, draft, old);
      else for (const change of changes) if (rule.keys.has(change.description.key)) this.#check(write, rule, draft, old, change);
    }
  }

  #check(
    { tx, author }: Write,
    rule: Rule,
    draft: EntryDraft,
    old: EntryRecord | undefined,
    { description, values }: NewValues,
  ): void {
    const { test } = rule;
    if (values.length === 0) return;
    const isKept = ((): boolean => {
      switch (test.kind) {
        case 'count':
          return true;
        case 'size':
          return values.every((value) => value.length <= test.most);
        case 'regex':
          return values.every((value) => test.regex.test(value.toString()) !== test.isForbidden);
        case 'uri':
          return values.every((value) => this.#isFound(tx, rule.source!, test.attributes, value));
        case 'set':
          return setMatches(test.set, {
            schema: this.directory.schema,
            environment: { entryByNdn: (ndn) => this.#entry(tx, ndn) },
            entry: transientRecord(draft, this.directory.schema),
            user: author?.normalized,
            captures: noCaptures,
            memory: new SetMemory(),
          });
      }
    })();
    if (!isKept) throw violation(description, old);
  }

  #isFound(tx: Transaction, source: EntryRangeTest, attributes: readonly AttributeDescription[], value: Buffer): boolean {
    return attributes.some((description) => {
      for (const holder of holdersOf(this.database, tx, description, valueKey(description, value))) {
        if (source.selects(holder)) return true;
      }
      return false;
    });
  }

  #entry(tx: Transaction, ndn: string): EntryRecord | undefined {
    const owner = this.directory.databaseOf(ndn);
    return owner === this.database ? tx.entryByNdn(ndn) : owner?.store.entryByNdn(ndn);
  }
}

/** As slapd: of the entry as it would be, whichever attributes change. */
function checkCount(most: number, { attributes }: Rule, draft: EntryDraft, old: EntryRecord | undefined): void {
  const excess = attributes.find((description) => draft.values(description).length > most);
  if (excess) throw violation(excess, old);
}

function isBound({ restrict }: Rule, draft: EntryDraft, old: EntryRecord | undefined): boolean {
  if (!restrict) return true;
  if (old) return restrict.selects(old);
  return restrict.isInScope(draft.dn.normalized) && restrict.draftSatisfies(draft) === true;
}

function violation({ text }: AttributeDescription, old: EntryRecord | undefined): LdapError {
  return new LdapError(ResultCode.constraintViolation, `${old ? 'modify' : 'add'} breaks constraint on ${text}`);
}
