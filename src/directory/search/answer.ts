/**
 * What a search has to answer, and how it is sent: entries in the order found or sorted, page by page, up to the size
 * limit, and referrals.
 */
import { Privilege } from '../../access/model.js';
import type { SearchLimits } from '../../config/model.js';
import type { EntryRecord } from '../../entry/record.js';
import type { ResultEntry } from '../../entry/result-entry.js';
import type { ResponseControl } from '../../ldap/control.js';
import type { SearchRequest } from '../../ldap/request.js';
import type { Response } from '../../ldap/response.js';
import { LdapError, ResultCode, success } from '../../ldap/result.js';
import { sortResponse } from '../../protocol/response-controls.js';
import { Dereference } from '../controls/dereference.js';
import { beginPage, type Page } from '../controls/paged-results.js';
import { Sorter, type SortPlan, type SortPosition } from '../controls/sort.js';
import { partOfList, VirtualListError, type VirtualListRequest } from '../controls/virtual-list.js';
import type { SearchSink } from '../model.js';
import type { OperationContext } from '../operations/operation.js';
import { referralUrls } from '../operations/referral.js';
import { wellKnownOf } from '../rules/schema-check.js';
import { readEntry } from './entry-reader.js';
import type { SearchPart } from './part.js';
import { limitsFor, sizeLimit } from './search-limits.js';

/** Why a search stops before its candidates end. */
export type Stop = 'sizeLimit' | 'pageEnd' | 'timeLimit' | 'abandoned' | 'canceled';

export class SearchAnswer {
  readonly limits: SearchLimits;
  readonly page: Page | undefined;
  readonly sorter: Sorter | undefined;
  readonly tellsReferrals: boolean;
  /** The receiver asked to wait before the next one. */
  waiting = false;
  stop: Stop | undefined;
  readonly #sizeLimit: number;
  /** The client asks of each entry whether it can be logged in by. */
  readonly #tellsUsability: boolean;
  readonly #dereference: Dereference | undefined;
  /** The client wants one part of the sorted list. */
  readonly #virtualList: VirtualListRequest | undefined;
  #virtualListControl: ResponseControl | undefined;
  #sent = 0;

  constructor(
    private readonly operation: OperationContext,
    private readonly parts: readonly SearchPart[],
    request: SearchRequest,
    readonly sink: SearchSink,
    private readonly plan: SortPlan | undefined,
  ) {
    const { controls, subject, session } = operation;
    const { database, base } = parts[0]!;
    this.limits = limitsFor(subject, base, database, operation.environment(database, database.store));
    const paging = controls.get('pagedResults');
    this.page = paging && beginPage(session, paging, request, base, this.limits);
    this.#sizeLimit = this.page?.limit ?? sizeLimit(request.sizeLimit, this.limits);
    if (plan) {
      this.#virtualList = this.page ? undefined : controls.get('virtualListView');
      const wanted = this.#virtualList ? Infinity : Math.min(this.#sizeLimit, this.page?.size ?? Infinity) + 1;
      this.sorter = new Sorter(plan, wanted, this.page?.resumed ? this.page.after : undefined);
    }
    this.#tellsUsability = controls.has('accountUsability');
    const dereference = controls.get('dereference');
    if (dereference && database.honours('dereference')) this.#dereference = Dereference.of(dereference, operation.schema);
    this.tellsReferrals = !controls.has('manageDsaIT') && !controls.has('domainScope');
  }

  /** The part of the search in which this page begins; a sorted one looks at all of them. */
  get firstPlace(): number {
    return this.sorter ? 0 : (this.page?.after.part ?? 0);
  }

  /** Entries of this part up to this id were on earlier pages. */
  afterId(place: number): number {
    const after = this.sorter ? undefined : this.page?.after;
    return after?.part === place ? after.id : 0;
  }

  /** An entry was found. False when the search must stop. */
  take(part: SearchPart, place: number, record: EntryRecord): boolean {
    if (!this.sorter) return this.#send(part, record, this.page && { keys: [], part: place, id: record.id });
    const keys = this.plan!.keysOf(record, part.access, part.database.computed);
    this.sorter.add({ keys, part: place, id: record.id });
    return true;
  }

  /** What is to be sent of what was sorted. Throws VirtualListError. */
  partOf(sorted: readonly SortPosition[]): readonly SortPosition[] {
    const wanted = this.#virtualList;
    if (!wanted) return sorted;
    try {
      const { from, to, control } = partOfList(wanted, this.plan!, sorted);
      this.#virtualListControl = control;
      return sorted.slice(from, to);
    } catch (error) {
      if (!(error instanceof VirtualListError) || wanted.critical) throw error;
      this.#virtualListControl = error.control;
      return sorted;
    }
  }

  /** Sends an entry that was sorted, if it still belongs to the answer. False when the search must stop. */
  sendAt(position: SortPosition): boolean {
    const part = this.parts[position.part]!;
    const record = readEntry(this.operation, part.database, position.id);
    const shown = record && part.shown(record);
    return !shown || this.#send(part, shown, position);
  }

  /** False when the answer is full. */
  #send(part: SearchPart, record: EntryRecord, position: SortPosition | undefined): boolean {
    if (this.#isFull()) return false;
    this.#sent++;
    if (this.page && position) {
      this.page.last = position;
      this.page.sent++;
    }
    const entry = part.answered(record);
    const isPlain = !this.#tellsUsability && !this.#dereference;
    this.waiting = !this.sink.entry(isPlain ? entry : this.#withControls(part, entry));
    return true;
  }

  /** With what the client asked to be told of each entry: its usability, what its references lead to. */
  #withControls(part: SearchPart, entry: ResultEntry): ResultEntry {
    const { database, access } = part;
    const told = this.#tellsUsability ? withUsability(part, entry) : entry;
    const control = database.honours('dereference') ? this.#dereference?.responseFor(entry.record, access, database) : undefined;
    return control ? { ...told, controls: [...told.controls, control] } : told;
  }

  /** One more entry would be one too many. */
  #isFull(): boolean {
    if (this.page && this.#sent >= this.page.size) this.stop = 'pageEnd';
    else if (this.#sent >= this.#sizeLimit) this.stop = 'sizeLimit';
    return this.stop !== undefined;
  }

  refer(part: SearchPart, record: EntryRecord): void {
    if (!this.tellsReferrals || !part.access.allows(record, 'entry', Privilege.read)) return;
    const { directory } = this.operation;
    const urls = referralUrls(directory, record, directory.parseDN(record.dn), part.scope === 'one' ? 'base' : 'sub');
    this.waiting = !this.sink.reference(urls);
  }

  finish(): Response {
    switch (this.stop) {
      case 'sizeLimit':
        return { code: ResultCode.sizeLimitExceeded, matchedDN: '', diagnostic: '' };
      case 'timeLimit':
        return { code: ResultCode.timeLimitExceeded, matchedDN: '', diagnostic: '' };
      case 'canceled':
        throw new LdapError(ResultCode.canceled);
      case 'abandoned':
        throw new LdapError(ResultCode.canceled, 'abandoned');
      case 'pageEnd':
      case undefined: {
        if (!this.page && !this.sorter) return success;
        const controls: ResponseControl[] = this.page?.end(this.stop === undefined) ?? [];
        if (this.sorter) controls.push(sortResponse(0));
        if (this.#virtualListControl) controls.push(this.#virtualListControl);
        return { ...success, controls };
      }
    }
  }
}

function withUsability({ database, access }: SearchPart, entry: ResultEntry): ResultEntry {
  const { record } = entry;
  const usability = database.passwordPolicy?.usability(record);
  if (!usability || !access.allows(record, wellKnownOf(database.schema).userPassword, Privilege.compare)) return entry;
  return { ...entry, controls: [...entry.controls, usability] };
}
