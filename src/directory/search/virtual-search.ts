/** Searches of the entries that the server itself provides: root DSE, cn=Subschema, cn=Monitor. */
import { Privilege } from '../../access/model.js';
import type { EntryRecord } from '../../entry/record.js';
import type { DN } from '../../dn/dn.js';
import { ndnIsWithin, ndnParent } from '../../dn/normalized.js';
import { compileFilter } from '../../filter/compile.js';
import { evaluateFilter } from '../../filter/evaluate.js';
import { filterWeight } from '../../filter/weight.js';
import type { SearchRequest, SearchScope } from '../../ldap/request.js';
import { LdapError, ResultCode, success } from '../../ldap/result.js';
import { valueFilterOf } from '../controls/matched-values.js';
import { computedInTree } from './computed.js';
import { filterEnvironment } from './matching.js';
import type { MaybePromise, OperationIO } from '../model.js';
import type { Response } from '../../ldap/response.js';
import type { OperationContext } from '../operations/operation.js';
import type { VirtualTree } from '../server-entries/virtual-entry.js';
import { Selection } from './selection.js';
import { Slice } from './slice.js';

export function searchVirtual(
  operation: OperationContext,
  tree: VirtualTree,
  name: DN,
  request: SearchRequest,
  io: OperationIO,
): MaybePromise<Response> {
  const { directory, schema, subject } = operation;
  operation.checkAllowed(undefined);
  const access = directory.virtualEvaluator(subject, name.normalized);
  const base = tree.entry(name.normalized);
  if (!base) throw new LdapError(ResultCode.noSuchObject, '', { matchedDN: nearest(tree.inner, name).dn });
  if (!access.allows(base, 'entry', Privilege.search)) {
    const known = access.allows(base, 'entry', Privilege.disclose);
    throw new LdapError(known ? ResultCode.insufficientAccessRights : ResultCode.noSuchObject);
  }
  const computed = tree.isSingle ? directory.virtualComputed : computedInTree(tree.inner, schema);
  const environment = filterEnvironment(access, computed);
  const matchedValues = operation.controls.get('matchedValues');
  const valueFilter = matchedValues && valueFilterOf(matchedValues, schema, environment);
  const filter = compileFilter(request.filter, schema, base.dictionary);
  const selection = new Selection(request.attributes, request.typesOnly, schema, computed, valueFilter);
  let sent = 0;
  const visit = (record: EntryRecord): Visit => {
    if (!inScope(record, base, request.scope)) return 'next';
    if (evaluateFilter(filter, record, environment) !== true) return 'next';
    if (!access.allows(record, 'entry', Privilege.read)) return 'next';
    if (request.sizeLimit > 0 && sent >= request.sizeLimit) return 'sizeLimit';
    sent++;
    return io.sink.entry(selection.apply(record, access)) ? 'next' : 'wait';
  };
  const entries = request.scope === 'base' ? [base] : tree.entries();
  return new VirtualWalk(request, io, entries[Symbol.iterator](), visit).run();
}

/** What comes after an entry: the next one, the receiver's consent, or the end. */
type Visit = 'next' | 'wait' | 'sizeLimit';

/** Goes through the entries in slices: cn=Monitor has one for each connection. */
class VirtualWalk {
  readonly #slice: Slice;
  readonly #deadlineMs: number;

  constructor(
    request: SearchRequest,
    private readonly io: OperationIO,
    private readonly entries: Iterator<EntryRecord>,
    private readonly visit: (record: EntryRecord) => Visit,
  ) {
    this.#slice = new Slice(filterWeight(request.filter).terms);
    this.#deadlineMs = performance.now() + (request.timeLimit > 0 ? request.timeLimit * 1_000 : Infinity);
  }

  run(): MaybePromise<Response> {
    for (let next = this.entries.next(); !next.done; next = this.entries.next()) {
      const outcome = this.visit(next.value);
      if (outcome === 'sizeLimit') return ended(ResultCode.sizeLimitExceeded);
      if (outcome === 'wait' || this.#slice.isOver()) return this.#resume(outcome === 'wait');
    }
    return success;
  }

  async #resume(waits: boolean): Promise<Response> {
    if (waits) await this.io.sink.drained();
    await this.#slice.next();
    const { stopped } = this.io.signal;
    if (stopped) return ended(ResultCode.canceled);
    return performance.now() > this.#deadlineMs ? ended(ResultCode.timeLimitExceeded) : this.run();
  }
}

function ended(code: ResultCode): Response {
  return { code, matchedDN: '', diagnostic: '' };
}

function nearest(tree: readonly EntryRecord[], name: DN): EntryRecord {
  const above = tree.filter((entry) => ndnIsWithin(name.normalized, entry.ndn));
  return above.reduce((a, b) => (b.ndn.length > a.ndn.length ? b : a));
}

function inScope(record: EntryRecord, base: EntryRecord, scope: SearchScope): boolean {
  switch (scope) {
    case 'base':
      return record === base;
    case 'one':
      return ndnParent(record.ndn) === base.ndn;
    case 'sub':
      return ndnIsWithin(record.ndn, base.ndn);
    case 'children':
      return record !== base && ndnIsWithin(record.ndn, base.ndn);
  }
}
