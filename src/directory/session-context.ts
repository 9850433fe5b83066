/** What a session keeps from one operation to the next: who it speaks as, its paged search, its transaction. */
import type { DN } from '../dn/dn.js';
import type { ScramSecret } from '../password/scram.js';
import type { SortPosition } from './controls/sort.js';
import type { Peer } from './model.js';
import type { OpenTransaction } from './open-transaction.js';

/** Who a session speaks as, and how strong the proof is. */
export interface Identity {
  readonly dn: DN | undefined;
  /** Strength of the SASL layer, in bits. */
  readonly saslSsf: number;
}

export const anonymous: Identity = Object.freeze({ dn: undefined, saslSsf: 0 });

/** The last entry that was sent: its database among the search's, its id, and its keys where the search is sorted. */
export type PagePosition = SortPosition;

/** A paged search (RFC 2696) between two of its pages. */
export interface PagedSearch {
  readonly cookie: Buffer;
  readonly base: string;
  readonly last: PagePosition;
  /** Entries returned by all pages so far. */
  readonly sent: number;
}

/** A SCRAM login between its two binds. */
export interface ScramExchange {
  readonly mechanism: string;
  readonly gs2Header: string;
  /** Of the channel binding that the client uses. */
  readonly bindingName: string | undefined;
  /** The connection's, when the login began. */
  readonly channelBinding: Peer['channelBinding'];
  readonly authzId: string;
  readonly clientFirstBare: string;
  readonly serverFirst: string;
  readonly nonce: string;
  readonly dn: DN;
  readonly salt: Buffer;
  readonly iterations: number;
  /** Neither this nor a password: nobody can log in by this name. */
  readonly secret: ScramSecret | undefined;
  readonly password: Buffer | undefined;
}

/** Operations see this part of their session, and no other. */
export interface SessionContext {
  /** LDAP version of the last successful bind; 0 before the first. */
  boundVersion: number;
  /** The one paged search under way, whoever it speaks for; a new one takes its place. */
  paging: PagedSearch | undefined;
  /** The session may do nothing but change its password: what it logged in with was given to it by somebody else. */
  mustChangePassword: boolean;
  /** Somebody's app password opened it, which is for reading mail: the session changes nothing. */
  isReadOnly?: boolean | undefined;
  /** Any other request ends it. */
  scram?: ScramExchange | undefined;
  /** The one transaction (RFC 5805) that gathers operations; a bind forgets it. */
  transaction?: OpenTransaction | undefined;
}
