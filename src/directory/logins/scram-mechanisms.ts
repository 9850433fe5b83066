/** SCRAM's SASL mechanisms (RFC 7677), and how a login is tied to its TLS connection under them (RFC 5802 section 6). */
import type { Peer } from '../model.js';

export const scramMechanism = 'SCRAM-SHA-256';
export const scramPlusMechanism = 'SCRAM-SHA-256-PLUS';

/** libldap's one name for all types: its data begins with the name of the type and a colon. */
const libldapName = 'ldap';
const libldapTypes = ['tls-server-end-point', 'tls-unique'];

export function isScramMechanism(mechanism: string): boolean {
  return mechanism === scramMechanism || mechanism === scramPlusMechanism;
}

/** What a connection offers, the strongest first; that with channel binding over TLS. */
export function scramMechanismsFor(peer: Peer | undefined): readonly string[] {
  return peer?.channelBinding ? [scramPlusMechanism, scramMechanism] : [scramMechanism];
}

/** What a client may send as the data of the channel binding that it names; nothing where there is no such on this connection. */
export function acceptedBindings({ channelBinding }: Peer, name: string): Buffer[] {
  if (!channelBinding) return [];
  if (name !== libldapName) return [channelBinding(name)].filter((data) => data !== undefined);
  return libldapTypes.flatMap((type) => {
    const data = channelBinding(type);
    return data ? [Buffer.concat([Buffer.from(`${type}:`), data])] : [];
  });
}
