/**
 * What a replica sees of a database: the entries that its search finds, under the access rules of its identity. Entries as
 * they were before a change are looked at as well, so scope goes by names and not by what is stored now.
 */
import { RecordFlag, type EntryRecord } from '../../entry/record.js';
import type { ResultEntry } from '../../entry/result-entry.js';
import type { SearchRequest } from '../../ldap/request.js';
import type { DN } from '../../dn/dn.js';
import type { Schema } from '../../ldap/schema.js';
import { valueFilterOf } from '../controls/matched-values.js';
import type { Database } from '../database.js';
import type { OperationContext } from '../operations/operation.js';
import { SearchPart } from '../search/part.js';
import { Selection } from '../search/selection.js';

export class SyncView {
  readonly part: SearchPart;
  readonly schema: Schema;
  readonly #base: string;
  readonly #selection: Selection;
  readonly #manageDsaIT: boolean;
  readonly #subentries: boolean | undefined;

  constructor(operation: OperationContext, database: Database, base: DN, request: SearchRequest) {
    const { controls } = operation;
    this.schema = database.schema;
    this.part = new SearchPart(operation, database, base, request.scope, request);
    this.#base = base.normalized;
    this.#manageDsaIT = controls.has('manageDsaIT');
    this.#subentries = controls.get('subentries')?.visible;
    const matchedValues = controls.get('matchedValues');
    const valueFilter = matchedValues && valueFilterOf(matchedValues, database.schema, this.part.environment);
    // Computed attributes change without a change of their entry: no replica keeps them.
    this.#selection = new Selection(request.attributes, request.typesOnly, database.schema, [], valueFilter);
  }

  includes(record: EntryRecord | undefined): record is EntryRecord {
    return record !== undefined && this.#covers(record) && this.#shows(record.flags) && this.part.selects(record);
  }

  /** What of it the replica gets. Valid until the next call. */
  select(record: EntryRecord): ResultEntry {
    return this.#selection.apply(record, this.part.access);
  }

  #covers(record: EntryRecord): boolean {
    switch (this.part.scope) {
      case 'base':
        return record.ndn === this.#base;
      case 'one':
        return record.ndn !== '' && record.parentNdn === this.#base;
      case 'sub':
        return record.isWithin(this.#base);
      case 'children':
        return record.ndn !== this.#base && record.isWithin(this.#base);
    }
  }

  #shows(flags: number): boolean {
    if (flags & RecordFlag.glue || (flags & RecordFlag.referral && !this.#manageDsaIT)) return false;
    const isSubentry = (flags & RecordFlag.subentry) !== 0;
    return isSubentry ? (this.#subentries ?? this.part.scope === 'base') : this.#subentries !== true;
  }
}
