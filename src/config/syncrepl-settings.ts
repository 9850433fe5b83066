/** One `syncrepl` as it is used: which provider a database follows, and how. */
import type { DN } from '../dn/dn.js';
import type { SearchScope } from '../ldap/request.js';
import type { Place } from './place.js';

/** Try again so many times, this far apart. */
export interface RetryStep {
  readonly seconds: number;
  /** Infinity: for ever. */
  readonly times: number;
}

/** Where a provider listens. */
export type ProviderAddress =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly tls: boolean }
  | { readonly kind: 'socket'; readonly path: string };

export interface SyncreplTls {
  readonly certificateFile: string | undefined;
  readonly keyFile: string | undefined;
  readonly authorityFile: string | undefined;
  readonly authorityFolder: string | undefined;
  /** `allow` and `never` take any certificate. */
  readonly verify: 'never' | 'allow' | 'try' | 'demand';
  readonly protocolMin: '1.2' | '1.3';
}

export interface SyncreplSettings extends Place {
  /** 0 to 999. */
  readonly rid: number;
  /** As written. */
  readonly url: string;
  readonly address: ProviderAddress;
  /** refreshAndPersist; else the provider is asked again each `interval`. */
  readonly persists: boolean;
  readonly intervalSeconds: number;
  /** At least one. */
  readonly retries: readonly RetryStep[];
  readonly base: DN;
  readonly scope: SearchScope;
  /** RFC 4515 text, checked. */
  readonly filter: string;
  /** Empty: everything. */
  readonly attributes: readonly string[];
  /** Attributes that stay away, by their descriptions' keys. */
  readonly excluded: ReadonlySet<string>;
  /** 0: none. */
  readonly sizeLimit: number;
  /** Seconds; 0: none. */
  readonly timeLimit: number;
  /** Entries that break the schema end the session; else they are taken and told of. */
  readonly checksSchema: boolean;
  /** Undefined: anonymous. */
  readonly bind: { readonly dn: string; readonly password: string } | undefined;
  readonly startTls: 'no' | 'yes' | 'critical';
  readonly tls: SyncreplTls;
  /** Seconds that connecting may take. */
  readonly connectSeconds: number;
  /** Seconds that the answer to a bind or StartTLS may take. */
  readonly answerSeconds: number;
  /** A provider that is silent for `idleSeconds` is asked; one that does not answer in `patienceSeconds` is given up. */
  readonly keepalive: { readonly idleSeconds: number; readonly patienceSeconds: number };
}
