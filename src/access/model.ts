/**
 * The interface between the directory and its access rules (slapd.access(5)). The rules decide; they fetch entries only
 * through `AccessEnvironment`.
 */
import type { DN } from '../dn/dn.js';
import type { EntryRecord } from '../entry/record.js';
import type { AttributeDescription } from '../ldap/schema.js';

/** Privileges as bits; a level is the sum of its own and all lower ones. */
export const Privilege = {
  disclose: 1,
  auth: 2,
  compare: 4,
  search: 8,
  read: 16,
  /** `z`: delete values or entries */
  delete: 32,
  /** `a`: add values or entries */
  add: 64,
  manage: 128,
} as const;

/** `write` is add and delete. */
export const writePrivilege = Privilege.add | Privilege.delete;

/** What access is asked to: an attribute, or slapd's pseudo-attributes for the entry itself and for its children. */
export type AccessTarget = AttributeDescription | 'entry' | 'children';

/** Who asks, over what. */
export interface Subject {
  /** The name access is decided for; undefined: anonymous. */
  readonly dn: DN | undefined;
  /** The name that was bound, where proxied authorization made `dn` another. */
  readonly realDn: DN | undefined;
  /** `IP=127.0.0.1:40000` or `PATH=/run/ldapi`, as slapd writes it; empty for embedded sessions. */
  readonly peerName: string;
  /** `IP=127.0.0.1:3890` or `PATH=/run/ldapi`: this side of the connection; undefined for embedded sessions. */
  readonly sockName?: string | undefined;
  /** `ldap://127.0.0.1:3890/`: the listener's URL. */
  readonly sockUrl: string;
  /** Security strength factors in bits. */
  readonly ssf: number;
  readonly tlsSsf: number;
  readonly transportSsf: number;
  readonly saslSsf: number;
}

/** What a rule may look up while it decides. Answers come from the operation's own view of the directory. */
export interface AccessEnvironment {
  /** The entry with this normalised DN, without any access check. */
  entryByNdn(ndn: string): EntryRecord | undefined;
}

/** One operation's access questions. Keeps what it worked out about an entry until it is asked about another. */
export interface AccessEvaluator {
  /** Has the subject all of `privileges` on `target` (and, where given, on this value of it)? */
  allows(entry: EntryRecord, target: AccessTarget, privileges: number, value?: Buffer): boolean;
  /** True when some rule speaks of single values (`val=`, `selfwrite`), so that each value must be asked about. */
  readonly dependsOnValues: boolean;
}
