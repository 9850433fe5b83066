/** The configuration while it is being read: defaults that directives change. */
import { defaultPasswordSettings, type PasswordSettings } from '../password/password.js';
import type { AccessRule } from '../access/rule.js';
import type { DN } from '../dn/dn.js';
import type { Schema } from '../ldap/schema.js';
import type { ClusterSettings } from './cluster-settings.js';
import { IndexPolicyReader } from './index-policy.js';
import { defaultServerLimits } from './limits.js';
import type {
  ServerUrl,
  AuthzRegexp,
  Config,
  Features,
  LimitsRule,
  Requirement,
  RestrictedOperation,
  SecurityPolicy,
  ServerLimits,
} from './model.js';
import type { OverlayBlock } from './overlays/block.js';
import type { Place } from './place.js';
import { defaultFeatures, noSecurity } from './security.js';
import { defaultWrittenLimits, type WrittenLimits } from './search-limits.js';
import type { SyncreplSettings } from './syncrepl-settings.js';
import { newTlsDraft, type TlsDraft } from './tls.js';

/** What may be set for the whole server and for one database. */
export interface SharedDraft {
  readonly access: AccessRule[];
  searchLimits: WrittenLimits;
  readonly restricted: Set<RestrictedOperation>;
  security: SecurityPolicy;
  requires: ReadonlySet<Requirement>;
}

/** slapd logs nothing but what must be heard; one line per operation is `loglevel stats`. */
export const defaultLogLevel = 0x8000;

const localSsfDefault = 71;

export class GlobalDraft implements SharedDraft {
  readonly access: AccessRule[] = [];
  searchLimits: WrittenLimits = defaultWrittenLimits;
  readonly restricted = new Set<RestrictedOperation>();
  security: SecurityPolicy = noSecurity;
  requires: ReadonlySet<Requirement> = new Set();

  features: Features = defaultFeatures;
  readonly limits: { -readonly [Key in keyof ServerLimits]: ServerLimits[Key] } = { ...defaultServerLimits };
  readonly tls: TlsDraft = newTlsDraft();
  /** Where TLS was first spoken of. */
  tlsPlace: Place | undefined;
  passwordHash: readonly string[] = ['{SSHA}'];
  passwordSettings: PasswordSettings = defaultPasswordSettings;
  logLevel: number | undefined;
  pidFile: string | undefined;
  argsFile: string | undefined;
  readonly referrals: string[] = [];
  readonly rootDseFiles: string[] = [];
  readonly authzRegexps: AuthzRegexp[] = [];
  authzPolicy: Config['authzPolicy'] = 'none';
  defaultSearchBase: DN | undefined;
  localSsf = localSsfDefault;
  /** Of `serverID` without a URL. */
  serverId: number | undefined;
  readonly serverUrls: ServerUrl[] = [];
}

const maxDerefDepthDefault = 15;

export class DatabaseDraft implements SharedDraft, Place {
  readonly access: AccessRule[] = [];
  searchLimits: WrittenLimits;
  readonly restricted: Set<RestrictedOperation>;
  security: SecurityPolicy;
  requires: ReadonlySet<Requirement>;

  readonly suffixes: DN[] = [];
  rootDN: DN | undefined;
  rootPassword: { readonly value: Buffer; readonly place: Place } | undefined;
  directory: string | undefined;
  readonly indexes: IndexPolicyReader;
  readonly limits: LimitsRule[] = [];
  lastmod = true;
  lastBind = false;
  lastBindPrecision = 0;
  addContentAcl = false;
  hidden = false;
  disabled = false;
  subordinate = false;
  advertise = false;
  cluster: { readonly settings: ClusterSettings; readonly place: Place } | undefined;
  maxDerefDepth = maxDerefDepthDefault;
  readonly overlays: OverlayBlock[] = [];
  readonly syncrepls: SyncreplSettings[] = [];
  readonly updateRefs: string[] = [];

  /** Takes over what is set for the whole server by now, as slapd does. */
  constructor(
    readonly type: string,
    readonly file: string,
    readonly line: number,
    global: GlobalDraft,
    schema: Schema,
  ) {
    this.searchLimits = global.searchLimits;
    this.restricted = new Set(global.restricted);
    this.security = global.security;
    this.requires = global.requires;
    this.indexes = new IndexPolicyReader(schema);
  }
}
