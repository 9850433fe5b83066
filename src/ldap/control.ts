/** Controls as typed values. A control this server does not know stays its OID and bytes. */
import type { Filter } from './filter.js';
import { syncOids } from './sync.js';

export interface SortKey {
  readonly attribute: string;
  readonly orderingRule: string | undefined;
  readonly reverse: boolean;
}

/** Attributes to be read from the entries that `reference` names. */
export interface DereferenceSpec {
  readonly reference: string;
  readonly attributes: readonly string[];
}

/** Where a part of a sorted list is: at its `offset` of about `count` entries, or at the first value not before this one. */
export type VirtualListTarget =
  { readonly by: 'offset'; readonly offset: number; readonly count: number } | { readonly by: 'value'; readonly value: Buffer };

interface Criticality {
  readonly critical: boolean;
}

export type Control = Criticality &
  (
    | { readonly type: 'pagedResults'; readonly size: number; readonly cookie: Buffer }
    | { readonly type: 'serverSideSort'; readonly keys: readonly SortKey[] }
    | ({ readonly type: 'virtualListView'; readonly before: number; readonly after: number } & VirtualListTarget)
    | { readonly type: 'matchedValues'; readonly filters: readonly Filter[] }
    | { readonly type: 'assertion'; readonly filter: Filter }
    | { readonly type: 'preRead'; readonly attributes: readonly string[] }
    | { readonly type: 'postRead'; readonly attributes: readonly string[] }
    | { readonly type: 'manageDsaIT' }
    | { readonly type: 'proxiedAuthorization'; readonly authzId: string }
    | { readonly type: 'subentries'; readonly visible: boolean }
    | { readonly type: 'dereference'; readonly specs: readonly DereferenceSpec[] }
    /** OpenLDAP's: `raw` asks for values as they are stored, unsorted. */
    | { readonly type: 'valueSort'; readonly raw: boolean }
    | { readonly type: 'noOp' }
    | { readonly type: 'relax' }
    | { readonly type: 'domainScope' }
    /** None of them set; domainScope, which is one of them, is a control of its own. */
    | { readonly type: 'searchOptions' }
    | { readonly type: 'dontUseCopy' }
    | { readonly type: 'permissiveModify' }
    /** Its value is looked into where replicas may follow: elsewhere, as to slapd without syncprov, the control is unknown. */
    | { readonly type: 'syncRequest'; readonly value: Buffer | undefined }
    | { readonly type: 'transactionSpecification'; readonly identifier: Buffer }
    /** They have no value; one that comes is a fault only where there is a password policy. */
    | { readonly type: 'passwordPolicy' | 'accountUsability'; readonly value: Buffer | undefined }
    | { readonly type: 'unknown'; readonly oid: string; readonly value: Buffer | undefined }
  );

export type ControlType = Control['type'];

/** A control that goes back with a response, its value encoded. */
export interface ResponseControl {
  /** Which control it is. */
  readonly oid: string;
  /** As a rule false: a client may pass over it. */
  readonly critical: boolean;
  /** Encoded as the control's own specification says. */
  readonly value: Buffer | undefined;
}

export const controlOids = {
  pagedResults: '1.2.840.113556.1.4.319',
  serverSideSort: '1.2.840.113556.1.4.473',
  sortResponse: '1.2.840.113556.1.4.474',
  /** draft-ietf-ldapext-ldapv3-vlv */
  virtualListView: '2.16.840.1.113730.3.4.9',
  virtualListViewResponse: '2.16.840.1.113730.3.4.10',
  matchedValues: '1.2.826.0.1.3344810.2.3',
  assertion: '1.3.6.1.1.12',
  preRead: '1.3.6.1.1.13.1',
  postRead: '1.3.6.1.1.13.2',
  manageDsaIT: '2.16.840.1.113730.3.4.2',
  proxiedAuthorization: '2.16.840.1.113730.3.4.18',
  subentries: '1.3.6.1.4.1.4203.1.10.1',
  dereference: '1.3.6.1.4.1.4203.666.5.16',
  valueSort: '1.3.6.1.4.1.4203.666.5.14',
  noOp: '1.3.6.1.4.1.4203.666.5.2',
  relax: '1.3.6.1.4.1.4203.666.5.12',
  domainScope: '1.2.840.113556.1.4.1339',
  searchOptions: '1.2.840.113556.1.4.1340',
  dontUseCopy: '1.3.6.1.1.22',
  permissiveModify: '1.2.840.113556.1.4.1413',
  syncRequest: syncOids.request,
  transactionSpecification: '1.3.6.1.1.21.2',
  /** draft-behera-ldap-password-policy; the same for request and response. */
  passwordPolicy: '1.3.6.1.4.1.42.2.27.8.5.1',
  /** Sun's: asks of each entry whether it can be logged in by. */
  accountUsability: '1.3.6.1.4.1.42.2.27.9.5.8',
  /** Netscape's, in responses alone. */
  passwordExpired: '2.16.840.1.113730.3.4.4',
  passwordExpiring: '2.16.840.1.113730.3.4.5',
} as const;
