/** What the configuration says about each overlay of a database. `kind` is the overlay's name. */
import type { SetExpression } from '../../access/set.js';
import type { DN } from '../../dn/dn.js';
import type { ResultCode } from '../../ldap/result.js';
import type { AttributeDescription, ObjectClass } from '../../ldap/schema.js';
import type { Place } from '../place.js';
import type { EntryRange } from './entry-range.js';

/** No two of some entries may share a value of one of these. */
export interface UniqueRule extends Place, EntryRange {
  readonly attributes: readonly AttributeDescription[];
  /** All attributes but those that the rule ignores. */
  readonly isOfAll: boolean;
  /** Nor may one be emptied by a replace while another has values of it. */
  readonly strict: boolean;
}

export interface UniqueSettings {
  readonly kind: 'unique';
  readonly rules: readonly UniqueRule[];
}

/**
 * `refint <attribute>... [nothing=<dn>]`, or the overlay refint: values that name an entry follow its
 * renaming and go with its deletion.
 */
export interface RefintSettings {
  readonly kind: 'refint';
  readonly attributes: readonly AttributeDescription[];
  /** Takes the place of a last value that has to go. */
  readonly nothing: DN | undefined;
  /** Who is noted to have changed the entries that refer; undefined: the rootdn. */
  readonly modifiersName: DN | undefined;
}

/** `overlay ppolicy` */
export interface PpolicySettings {
  readonly kind: 'ppolicy';
  /** The policy of entries that name none of their own. */
  readonly defaultPolicy: DN | undefined;
  /** Passwords that an add or modify request brings in clear text are hashed. */
  readonly hashCleartext: boolean;
  /** Tells a client that sends the password policy control that the account is locked. */
  readonly useLockout: boolean;
  /** Binds write nothing, and changes of passwords are not looked at. */
  readonly disableWrite: boolean;
  readonly sendNetscapeControls: boolean;
  /** `ppolicy_check_module builtin`: policies with pwdUseCheckModule have the built-in checks. */
  readonly usesBuiltinChecks: boolean;
}

/** `overlay memberof`: entries that a group names as members name the group in turn. */
export interface MemberofSettings {
  readonly kind: 'memberof';
  readonly groupClass: ObjectClass;
  readonly member: AttributeDescription;
  readonly memberOf: AttributeDescription;
  /** Groups follow their members' renaming and deletion. */
  readonly refint: boolean;
  /** What becomes of new members that no entry is: kept, left out, or refused with this code. */
  readonly dangling: 'ignore' | 'drop' | { readonly code: ResultCode };
  /** A new entry is looked for in the groups that are there. */
  readonly addCheck: boolean;
  /** Who is noted to have changed the members; undefined: the rootdn. */
  readonly modifiersName: DN | undefined;
}

/** Replicas follow the database. */
export interface SyncprovSettings {
  readonly kind: 'syncprov';
  /** How much the change log holds; Infinity: no bound. */
  readonly log: { readonly changesMax: number; readonly bytesMax: number };
  /** A refresh leaves out what the replica has, and so does not tell it what is gone. */
  readonly noPresent: boolean;
}

/** What a value, or all values together, have to satisfy. */
export type ConstraintTest =
  | { readonly kind: 'regex'; readonly regex: RegExp; readonly isForbidden: boolean }
  /** Bytes of a value; values of an attribute. */
  | { readonly kind: 'size' | 'count'; readonly most: number }
  /** The value is one of these attributes in one of these entries. */
  | { readonly kind: 'uri'; readonly attributes: readonly AttributeDescription[]; readonly range: EntryRange }
  | { readonly kind: 'set'; readonly set: SetExpression };

/** `constraint_attribute <attributes> <kind> <value> [restrict=<uri>]` */
export interface ConstraintRule {
  readonly attributes: readonly AttributeDescription[];
  readonly test: ConstraintTest;
  /** Undefined: for every entry. */
  readonly restrict: EntryRange | undefined;
}

export interface ConstraintSettings {
  readonly kind: 'constraint';
  readonly rules: readonly ConstraintRule[];
}

/** `overlay deref`: the Dereference control is honoured. */
export interface DerefSettings {
  readonly kind: 'deref';
}

/** `valsort-attr`: the order of an attribute's values in entries below `base`. */
export interface ValsortRule {
  readonly attribute: AttributeDescription;
  readonly base: DN;
  /** Undefined: as they come, among equal weights. */
  readonly by: 'text' | 'number' | undefined;
  readonly descends: boolean;
  /** First by the weights that values begin with, which are not answered. */
  readonly weighted: boolean;
}

export interface ValsortSettings {
  readonly kind: 'valsort';
  readonly rules: readonly ValsortRule[];
}

/** One word of `dynlist-attrset` after the URL attribute: `[mapped:]member[+memberOf[@class[*]]]`. */
export interface ListMapping {
  /** What `member` of the listed entries is called in the list; undefined: `member` gets their names. */
  readonly mapped: AttributeDescription | undefined;
  readonly member: AttributeDescription;
  /** Entries name the lists they are on. */
  readonly memberOf: AttributeDescription | undefined;
  /** And the groups of this class, which hold their members themselves. */
  readonly staticClass: ObjectClass | undefined;
  /** Members of a list that is on another one are on that, too. */
  readonly isNested: boolean;
}

/** `dynlist-attrset`: entries of a class are lists of what their LDAP URLs find. */
export interface ListRule {
  readonly objectClass: ObjectClass;
  /** Where the lists are; undefined: anywhere. */
  readonly within: EntryRange | undefined;
  /** Holds the URLs. */
  readonly url: AttributeDescription;
  /** None: the list has the attributes that its URLs name. */
  readonly mappings: readonly ListMapping[];
}

export interface DynlistSettings {
  readonly kind: 'dynlist';
  readonly rules: readonly ListRule[];
  /** As slapd 2.4: nobody names the lists he is on, and filters are put to lists as they are stored. */
  readonly simple: boolean;
}

/** `overlay dyngroup`: a compare of `member` looks at what the URLs of `url` find. */
export interface DyngroupSettings {
  readonly kind: 'dyngroup';
  readonly pairs: readonly { readonly member: AttributeDescription; readonly url: AttributeDescription }[];
}

/** `overlay auditlog`: changes are appended to a file, as LDIF. */
export interface AuditlogSettings {
  readonly kind: 'auditlog';
  readonly path: string;
}

/** `overlay sssvlv` */
export interface SssvlvSettings {
  readonly kind: 'sssvlv';
  /** A search may be sorted by so many keys. */
  readonly keysMax: number;
}

export type OverlaySettings =
  | AuditlogSettings
  | SssvlvSettings
  | DynlistSettings
  | DyngroupSettings
  | UniqueSettings
  | RefintSettings
  | MemberofSettings
  | PpolicySettings
  | SyncprovSettings
  | ConstraintSettings
  | DerefSettings
  | ValsortSettings;

export function syncprovOf(overlays: readonly OverlaySettings[]): SyncprovSettings | undefined {
  return overlays.find((settings) => settings.kind === 'syncprov');
}
