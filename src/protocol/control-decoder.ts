/**
 * Controls from BER (RFC 4511 section 4.1.11) and their values, each from its own specification. A control that does
 * not go with its request is not looked into and stays 'unknown': refused where critical, else ignored.
 */
import { type Control, controlOids, type SortKey } from '../ldap/control.js';
import type { Request } from '../ldap/request.js';
import { LdapError, ResultCode } from '../ldap/result.js';
import { BerError, BerReader, contextTag, Tag } from '../ber/ber.js';
import { protocolError } from './errors.js';
import { decodeDereference } from './dereference-values.js';
import { decodeDescription, decodeFilter, type FilterLimits, FilterMemory } from './filter-decoder.js';

/** Far more than any client has use for; each costs a lookup. */
const controlsMax = 64;
const sortKeysMax = 16;
/** The choices of a virtual list view's target. */
const offsetTarget = 0xa0;
const valueTarget = 0x81;
const valueFiltersMax = 256;

/** A control's value, without the criticality that every control has. */
type ControlValue = Control extends infer One ? (One extends Control ? Omit<One, 'critical'> : never) : never;

interface ControlDecoder {
  /** As diagnostics call it. */
  readonly label: string;
  readonly operations: ReadonlySet<Request['op']>;
  decode(value: Buffer | undefined, limits: FilterLimits): ControlValue;
}

const searchOnly = new Set<Request['op']>(['search']);
const modifyOnly = new Set<Request['op']>(['modify']);
const reads = new Set<Request['op']>(['search', 'compare']);
const onEntries = new Set<Request['op']>(['search', 'compare', 'add', 'modify', 'modifyDN', 'delete']);
const updates = new Set<Request['op']>(['add', 'modify', 'modifyDN', 'delete']);
const onExisting = new Set<Request['op']>(['modify', 'modifyDN', 'delete']);
const authorized = new Set<Request['op']>([...onEntries, 'extended']);

const passwordOperations = new Set<Request['op']>(['bind', 'compare', 'add', 'modify', 'extended']);

const memory = new FilterMemory();

const decoders: ReadonlyMap<string, ControlDecoder> = new Map<string, ControlDecoder>([
  [controlOids.pagedResults, { label: 'paged results', operations: searchOnly, decode: decodePagedResults }],
  [controlOids.serverSideSort, { label: 'server side sort', operations: searchOnly, decode: decodeSort }],
  [controlOids.virtualListView, { label: 'virtual list view', operations: searchOnly, decode: decodeVirtualListView }],
  [controlOids.matchedValues, { label: 'matched values', operations: searchOnly, decode: decodeMatchedValues }],
  [controlOids.assertion, { label: 'assertion', operations: onEntries, decode: decodeAssertion }],
  [controlOids.preRead, { label: 'pre-read', operations: onExisting, decode: decodeRead('preRead', 'pre-read') }],
  [
    controlOids.postRead,
    { label: 'post-read', operations: new Set(['add', 'modify', 'modifyDN']), decode: decodeRead('postRead', 'post-read') },
  ],
  [controlOids.manageDsaIT, withoutValue('manageDSAit', onEntries, { type: 'manageDsaIT' })],
  [
    controlOids.proxiedAuthorization,
    { label: 'proxied authorization', operations: authorized, decode: decodeProxiedAuthorization },
  ],
  [controlOids.subentries, { label: 'subentries', operations: searchOnly, decode: decodeSubentries }],
  [
    controlOids.dereference,
    {
      label: 'Dereference',
      operations: searchOnly,
      decode: (value) => ({ type: 'dereference', specs: decodeDereference(present(value, 'Dereference')) }),
    },
  ],
  [controlOids.valueSort, { label: 'valSort', operations: searchOnly, decode: decodeValueSort }],
  [controlOids.noOp, withoutValue('no-op', onEntries, { type: 'noOp' })],
  [controlOids.relax, withoutValue('relax', updates, { type: 'relax' })],
  [controlOids.domainScope, withoutValue('domainScope', searchOnly, { type: 'domainScope' })],
  [controlOids.searchOptions, { label: 'search options', operations: searchOnly, decode: decodeSearchOptions }],
  [controlOids.dontUseCopy, withoutValue('dontUseCopy', reads, { type: 'dontUseCopy' })],
  [controlOids.permissiveModify, withoutValue('permissive modify', modifyOnly, { type: 'permissiveModify' })],
  [controlOids.syncRequest, { label: 'Sync', operations: searchOnly, decode: (value) => ({ type: 'syncRequest', value }) }],
  [
    controlOids.transactionSpecification,
    { label: 'transaction specification', operations: updates, decode: decodeTransactionSpecification },
  ],
  [
    controlOids.passwordPolicy,
    { label: 'password policy', operations: passwordOperations, decode: (value) => ({ type: 'passwordPolicy', value }) },
  ],
  [
    controlOids.accountUsability,
    { label: 'account usability', operations: searchOnly, decode: (value) => ({ type: 'accountUsability', value }) },
  ],
]);

/**
 * Reads the elements of a Controls element that was entered. Throws BerError where the list is not what it should be,
 * LdapError where a control's value is not.
 */
export function decodeControls(reader: BerReader, operation: Request['op'], limits: FilterLimits): Control[] {
  const controls: Control[] = [];
  while (!reader.atEnd) {
    if (controls.length === controlsMax) throw protocolError(`more than ${controlsMax} controls`);
    const control = decodeControl(reader, operation, limits);
    if (control.type !== 'unknown' && controls.some((other) => other.type === control.type)) {
      throw protocolError(`${control.type} control specified multiple times`);
    }
    controls.push(control);
  }
  return controls;
}

function decodeControl(reader: BerReader, operation: Request['op'], limits: FilterLimits): Control {
  const outerEnd = reader.enter(Tag.sequence);
  const oid = reader.latin1();
  const critical = reader.peekTag() === Tag.boolean && reader.boolean();
  const value = reader.peekTag() === Tag.octetString ? reader.octets() : undefined;
  if (!reader.atEnd) throw new BerError(`unexpected element in a control at byte ${reader.position}`);
  reader.leave(outerEnd);
  const decoder = decoders.get(oid);
  if (!decoder?.operations.has(operation)) return { type: 'unknown', critical, oid, value };
  try {
    return { ...decoder.decode(value, limits), critical };
  } catch (error) {
    if (!(error instanceof BerError)) throw error;
    throw protocolError(`${decoder.label} control could not be decoded`);
  }
}

function present(value: Buffer | undefined, label: string): Buffer {
  if (value === undefined) throw protocolError(`${label} control value is absent`);
  if (value.length === 0) throw protocolError(`${label} control value is empty`);
  return value;
}

function withoutValue(label: string, operations: ReadonlySet<Request['op']>, control: ControlValue): ControlDecoder {
  return {
    label,
    operations,
    decode(value) {
      if (value !== undefined) throw protocolError(`${label} control value not absent`);
      return control;
    },
  };
}

/** RFC 2696 */
function decodePagedResults(value: Buffer | undefined): ControlValue {
  const reader = new BerReader(present(value, 'paged results'));
  reader.enter(Tag.sequence);
  const size = reader.integer();
  const cookie = reader.octets();
  if (size < 0) throw protocolError('paged results control size invalid');
  return { type: 'pagedResults', size, cookie };
}

/** RFC 2891 */
function decodeSort(value: Buffer | undefined): ControlValue {
  const reader = new BerReader(present(value, 'server side sort'));
  reader.enter(Tag.sequence);
  const keys: SortKey[] = [];
  while (!reader.atEnd) {
    if (keys.length === sortKeysMax) throw protocolError(`more than ${sortKeysMax} sort keys`);
    const outerEnd = reader.enter(Tag.sequence);
    const attribute = reader.latin1();
    const orderingRule = reader.peekTag() === contextTag(0) ? reader.latin1(contextTag(0)) : undefined;
    const reverse = reader.peekTag() === contextTag(1) && reader.boolean(contextTag(1));
    reader.leave(outerEnd);
    keys.push({ attribute, orderingRule, reverse });
  }
  if (keys.length === 0) throw protocolError('server side sort control names no sort key');
  return { type: 'serverSideSort', keys };
}

/** draft-ietf-ldapext-ldapv3-vlv. A context is passed over: none is given out. */
function decodeVirtualListView(value: Buffer | undefined): ControlValue {
  const reader = new BerReader(present(value, 'virtual list view'));
  reader.enter(Tag.sequence);
  const before = reader.integer();
  const after = reader.integer();
  if (before < 0 || after < 0) throw protocolError('virtual list view control counts invalid');
  if (reader.peekTag() === valueTarget) {
    return { type: 'virtualListView', before, after, by: 'value', value: reader.octets(valueTarget) };
  }
  reader.enter(offsetTarget);
  const offset = reader.integer();
  const count = reader.integer();
  if (offset < 0 || count < 0) throw protocolError('virtual list view control offset invalid');
  return { type: 'virtualListView', before, after, by: 'offset', offset, count };
}

/** OpenLDAP's, of slapo-valsort(5): a flag. */
function decodeValueSort(value: Buffer | undefined): ControlValue {
  const reader = new BerReader(present(value, 'valSort'));
  reader.enter(Tag.sequence);
  return { type: 'valueSort', raw: reader.boolean() };
}

/** RFC 3876: simple filter items only. */
function decodeMatchedValues(value: Buffer | undefined, limits: FilterLimits): ControlValue {
  const reader = new BerReader(present(value, 'matched values'));
  reader.enter(Tag.sequence);
  const filters = [];
  while (!reader.atEnd) {
    if (filters.length === valueFiltersMax) throw protocolError(`more than ${valueFiltersMax} value filters`);
    const filter = decodeFilter(reader, { ...limits, filterDepth: 0 }, memory);
    if (filter.kind === 'extensible' && filter.dnAttributes) throw new BerError('a value filter has no dnAttributes');
    filters.push(filter);
  }
  return { type: 'matchedValues', filters };
}

/** RFC 4528 */
function decodeAssertion(value: Buffer | undefined, limits: FilterLimits): ControlValue {
  return { type: 'assertion', filter: decodeFilter(new BerReader(present(value, 'assertion')), limits, memory) };
}

/** RFC 4527 */
function decodeRead(type: 'preRead' | 'postRead', label: string): ControlDecoder['decode'] {
  return (value) => {
    const reader = new BerReader(present(value, label));
    reader.enter(Tag.sequence);
    const attributes: string[] = [];
    while (!reader.atEnd) attributes.push(decodeDescription(reader, memory.descriptions));
    return { type, attributes };
  };
}

const domainScopeFlag = 1;

/** Microsoft's, of whose flags only the domain's scope means something to a server of one domain. */
function decodeSearchOptions(value: Buffer | undefined): ControlValue {
  const reader = new BerReader(present(value, 'search options'));
  reader.enter(Tag.sequence);
  const flags = reader.integer();
  if ((flags & ~domainScopeFlag) !== 0) {
    throw new LdapError(ResultCode.unwillingToPerform, 'search options control holds an unknown flag');
  }
  return { type: flags === domainScopeFlag ? 'domainScope' : 'searchOptions' };
}

/** RFC 4370. The value is an authzId as it is, not BER; an empty one is the anonymous identity. */
function decodeProxiedAuthorization(value: Buffer | undefined): ControlValue {
  if (value === undefined) throw protocolError('proxied authorization control value is absent');
  return { type: 'proxiedAuthorization', authzId: value.toString() };
}

/** RFC 5805. The value is the identifier as it is, not BER. */
function decodeTransactionSpecification(value: Buffer | undefined): ControlValue {
  if (value === undefined) throw protocolError('no transaction identifier provided');
  return { type: 'transactionSpecification', identifier: value };
}

/** RFC 3672 */
function decodeSubentries(value: Buffer | undefined): ControlValue {
  return { type: 'subentries', visible: new BerReader(present(value, 'subentries')).boolean() };
}
