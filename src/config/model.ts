/** The configuration as one typed, frozen value. parse.ts makes it from text; everything else reads it. */
import type { PasswordSettings } from '../password/password.js';
import type { AccessRule } from '../access/rule.js';
import type { DN } from '../dn/dn.js';
import type { IndexPolicy } from '../ldap/index-policy.js';
import type { AttributeDescription, Schema } from '../ldap/schema.js';
import type { ClusterSettings } from './cluster-settings.js';
import type { OverlaySettings } from './overlays/settings.js';
import type { Place } from './place.js';
import type { SyncreplSettings } from './syncrepl-settings.js';

export type { Place } from './place.js';

export interface Diagnostic extends Place {
  readonly severity: 'error' | 'warning';
  readonly message: string;
}

/** `unlimited` is Infinity. */
export interface SearchLimits {
  readonly sizeSoft: number;
  /** What a client may ask for. */
  readonly sizeHard: number;
  /** Candidates a search may look at before it is refused with adminLimitExceeded. */
  readonly sizeUnchecked: number;
  /** Page size cap and total of a paged search; pageTotal 'hard' means sizeHard; 'disabled' refuses paging. */
  readonly pageSize: number;
  readonly pageTotal: number | 'hard' | 'disabled';
  /** Seconds. */
  readonly timeSoft: number;
  readonly timeHard: number;
}

/** One `limits <who> ...`: what it changes for those it names. */
export interface LimitsRule extends Place {
  readonly who:
    | { readonly kind: 'everyone' | 'anonymous' | 'users' }
    | {
        readonly kind: 'dn';
        readonly style: 'exact' | 'one' | 'subtree' | 'children';
        readonly dn: DN;
        /** False: `this`, the search's base instead of who asks. */
        readonly self: boolean;
      }
    | { readonly kind: 'dnRegex'; readonly pattern: RegExp; readonly self: boolean }
    | {
        readonly kind: 'group';
        readonly dn: DN;
        readonly objectClass: string;
        readonly attribute: AttributeDescription;
      };
  readonly changes: Partial<SearchLimits>;
}

/** Kinds of operation, as `restrict` tells them apart. */
export type OperationKind = 'bind' | 'search' | 'compare' | 'add' | 'modify' | 'rename' | 'delete' | 'extended';

/** `restrict` and `readonly`: what is refused with unwillingToPerform; of the extended operations all, or one by its OID. */
export type RestrictedOperation = OperationKind | `extended=${string}`;

/** `security`: minimum strength factors, in bits; 0: none. */
export interface SecurityPolicy {
  readonly ssf: number;
  readonly transport: number;
  readonly tls: number;
  readonly sasl: number;
  readonly simpleBind: number;
  readonly updateSsf: number;
  readonly updateTransport: number;
  readonly updateTls: number;
  readonly updateSasl: number;
}

/** `require` */
export type Requirement = 'bind' | 'LDAPv3' | 'authc' | 'SASL' | 'strong';

/** `allow` and `disallow`. */
export interface Features {
  readonly bindV2: boolean;
  readonly bindAnonymousWithCredentials: boolean;
  readonly bindUnauthenticated: boolean;
  readonly bindAnonymous: boolean;
  readonly bindSimple: boolean;
  readonly startTls: boolean;
  /** `disallow tls_authc` makes it false: no StartTLS on an authenticated connection. */
  readonly startTlsAuthenticated: boolean;
  /** StartTLS makes the connection anonymous; `disallow tls_2_anon` lets it keep its identity. */
  readonly startTlsToAnonymous: boolean;
  /** `allow update_anon`: anonymous writes are left to the access rules instead of being refused with 8. */
  readonly updateAnonymous: boolean;
  readonly proxyAuthzAnonymous: boolean;
  /** `disallow proxy_authz_non_critical` makes it false. */
  readonly proxyAuthzNonCritical: boolean;
}

export interface DatabaseConfig extends Place {
  /** As written: ldbm, bdb, hdb, mdb (one store for all), or monitor. */
  readonly type: string;
  readonly suffixes: readonly DN[];
  readonly rootDN: DN | undefined;
  /** A userPassword value, hashed or clear. */
  readonly rootPassword: Buffer | undefined;
  /** Folder of the store. */
  readonly directory: string;
  readonly indexes: readonly IndexPolicy[];
  /** This database's rules followed by the global ones. */
  readonly access: readonly AccessRule[];
  readonly limits: readonly LimitsRule[];
  readonly searchLimits: SearchLimits;
  readonly restricted: ReadonlySet<RestrictedOperation>;
  readonly lastmod: boolean;
  /** `lastbind`: an entry notes when somebody last logged in as it. */
  readonly lastBind: boolean;
  /** `lastbind-precision`: logins within so many seconds of the one that is noted are not noted. */
  readonly lastBindPrecision: number;
  readonly addContentAcl: boolean;
  readonly hidden: boolean;
  readonly subordinate: boolean;
  /** `subordinate advertise`: the suffix is among namingContexts all the same. */
  readonly advertise: boolean;
  /** `cluster`: the database is shared with other nodes. */
  readonly cluster: ClusterSettings | undefined;
  /** Aliases that may be followed one after the other. */
  readonly maxDerefDepth: number;
  /** In the order of their lines. */
  readonly overlays: readonly OverlaySettings[];
  /** The providers that it follows. Where there is one, clients cannot write. */
  readonly syncrepls: readonly SyncreplSettings[];
  /** `updateref`: where those are sent who want to write. */
  readonly updateRefs: readonly string[];
  readonly security: SecurityPolicy;
  readonly requires: ReadonlySet<Requirement>;
}

export interface TlsConfig {
  readonly certificateFile: string | undefined;
  readonly certificateKeyFile: string | undefined;
  readonly caCertificateFile: string | undefined;
  readonly caCertificatePath: string | undefined;
  readonly crlFile: string | undefined;
  /** An OpenSSL cipher list. */
  readonly cipherSuite: string | undefined;
  readonly dhParamFile: string | undefined;
  /** `3.3` is TLS 1.2, `3.4` TLS 1.3. */
  readonly protocolMin: '1.2' | '1.3';
  readonly protocolMax: '1.2' | '1.3';
  readonly verifyClient: 'never' | 'allow' | 'try' | 'demand';
}

export interface AuthzRegexp extends Place {
  readonly pattern: RegExp;
  readonly replacement: string;
}

/** Names and defaults: see limits.ts. */
export interface ServerLimits {
  /** Bytes of one request. */
  readonly pduBytesAnonymous: number;
  readonly pduBytesAuthenticated: number;
  readonly pendingAnonymous: number;
  readonly pendingAuthenticated: number;
  readonly filterDepth: number;
  readonly filterTerms: number;
  /** Seconds; 0: never. */
  readonly idleTimeout: number;
  /** Seconds a peer may leave its answers unread; 0: for ever. */
  readonly writeTimeout: number;
  readonly connections: number;
  readonly connectionsPerAddress: number;
  /** Bytes of answers that may wait for one connection. */
  readonly unreadBytes: number;
  /** Values of one entry, and their bytes, that others than the rootdn may make it have. */
  readonly entryValues: number;
  readonly entryBytes: number;
  /** Bytes of entries and index terms that all databases together keep in memory; 0: by the machine's memory. */
  readonly memoryBytes: number;
}

/** `serverID N URL`. */
export interface ServerUrl {
  readonly id: number;
  /** As it is written. */
  readonly text: string;
  readonly scheme: string;
  /** Without brackets. Empty: this machine. For ldapi the socket's path, as it is written. */
  readonly host: string;
  readonly port: number | undefined;
}

export interface Config {
  /** The file it was read from; undefined: the defaults. */
  readonly file: string | undefined;
  readonly schema: Schema;
  readonly databases: readonly DatabaseConfig[];
  /** Rights on cn=config, where the configuration is a slapd.d. */
  readonly configDatabase: DatabaseConfig | undefined;
  /** Rules that hold where no database is concerned (root DSE, cn=Subschema). */
  readonly access: readonly AccessRule[];
  readonly limits: ServerLimits;
  readonly searchLimits: SearchLimits;
  readonly features: Features;
  readonly security: SecurityPolicy;
  readonly requires: ReadonlySet<Requirement>;
  readonly restricted: ReadonlySet<RestrictedOperation>;
  readonly tls: TlsConfig | undefined;
  /** `password-hash`, in order: every new password gets one value for each. */
  readonly passwordHash: readonly string[];
  /** What else new passwords are made with. */
  readonly passwordSettings: PasswordSettings;
  /** `loglevel` as slapd's bit sum. */
  readonly logLevel: number;
  readonly pidFile: string | undefined;
  readonly argsFile: string | undefined;
  readonly referrals: readonly string[];
  readonly rootDseFiles: readonly string[];
  readonly authzRegexps: readonly AuthzRegexp[];
  readonly authzPolicy: 'none' | 'from' | 'to' | 'any' | 'all';
  readonly defaultSearchBase: DN | undefined;
  /** `localSSF`: what a connection through ldapi:// counts as, in bits. */
  readonly localSsf: number;
  /** `serverID`, 0 to 4095: the replica number in change sequence numbers. 0 also where it depends on the server's URL. */
  readonly serverId: number;
  /** `serverID` with a URL: which of them is meant, the server finds out when it starts. */
  readonly serverUrls: readonly ServerUrl[];
  readonly warnings: readonly Diagnostic[];
}
