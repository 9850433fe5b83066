/**
 * What an overlay is: a rule of one database that takes part in its operations at named points. It is configured by
 * `overlay <name>` (src/config/overlays/). One file each in this folder; create.ts lists them.
 */
import type { DN } from '../../dn/dn.js';
import type { EntryDraft } from '../../entry/draft.js';
import type { EntryRecord } from '../../entry/record.js';
import type { ControlType } from '../../ldap/control.js';
import type { Modification } from '../../ldap/request.js';
import type { AttributeDescription } from '../../ldap/schema.js';
import type { ExclusiveTransaction, Transaction } from '../../store/model.js';
import type { RenameChange, UnsignedChange } from '../changes.js';
import type { PasswordPolicy } from './password-policy.js';

/** Where a request came from, as the log says it. */
export interface WritePeer {
  readonly name: string;
  readonly connection?: number;
}

/** One write on its way through the pipeline. */
export interface Write {
  readonly tx: Transaction;
  /** Who is stamped as having written; undefined: nobody. */
  readonly author: DN | undefined;
  /** The rootdn writes, whom some rules do not bind. */
  readonly isRoot: boolean;
  /** With the Relax control. */
  readonly isRelaxed: boolean;
  /** Where the request came from; undefined: from the server itself. */
  readonly peer: WritePeer | undefined;
  /** May the client manage this entry? */
  readonly mayManage: (entry: EntryRecord) => boolean;
}

/** One change of a modify request, its values as they are stored. */
export interface GivenChange {
  readonly operation: Modification['operation'];
  readonly description: AttributeDescription;
  readonly values: readonly Buffer[];
}

/** What is to be written because of another write: one entry each. */
export type FollowUp = () => void;

/**
 * Overlays are called in the order of their lines. `before...` and `check` throw LdapError where they refuse the write; all
 * of it is undone then. Writes of the server itself (follow-ups) pass `before...` alone. `given`: what a modify request said.
 */
export interface Overlay {
  readonly name: string;
  /** Attributes whose equality index it cannot do without. */
  readonly indexed?: readonly AttributeDescription[];
  /** The same of presence indexes. */
  readonly presenceIndexed?: readonly AttributeDescription[];
  /** Its say in logins and new passwords. A database has one such overlay at most; without one, none of it costs anything. */
  readonly passwordPolicy?: PasswordPolicy;
  /** Controls of searches that the database honours because of it. */
  readonly searchControls?: ReadonlySet<ControlType>;
  /** The values of an attribute as searches answer them, of those that the client may read. */
  presentValues?(record: EntryRecord, description: AttributeDescription, values: Buffer[]): Buffer[];
  /** May edit what is to be added, before its schema is checked. */
  beforeAdd?(write: Write, draft: EntryDraft): void;
  /** May edit what is to become of `old` (a modify, a new password, or under a new name), before its schema is checked. */
  beforeChange?(write: Write, draft: EntryDraft, old: EntryRecord, given?: readonly GivenChange[]): void;
  /** May refuse an entry that is stamped and obeys the schema. `old`: as it was before; undefined for a new one. */
  check?(write: Write, draft: EntryDraft, old: EntryRecord | undefined, given?: readonly GivenChange[]): void;
  /** When the database has been closed. */
  close?(): Promise<void>;
  /** May refuse to delete. */
  beforeDelete?(write: Write, old: EntryRecord): void;
  /** What else is to be written after this change, in the same transaction. Where there is much, it is done in slices. */
  followUps?(tx: Transaction, change: UnsignedChange, given?: readonly GivenChange[]): Iterable<FollowUp>;
  /**
   * The same after the rename of an entry that has others below it, when all have their new names. Where it is missing,
   * `followUps` is called for each of them; an entry that refers to many of them would be written as often.
   */
  followSubtree?(tx: ExclusiveTransaction, subtree: RenamedSubtree): Promise<void>;
}

export interface RenamedSubtree {
  readonly from: DN;
  readonly to: DN;
  /** Of all its entries. */
  readonly renames: readonly RenameChange[];
}
