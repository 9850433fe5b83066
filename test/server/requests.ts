/** Requests that tests send. */
import type { Request } from '../../src/ldap/request.js';
import { berInteger, berSequence } from '../../src/ber/ber.js';
import { message } from '../protocol/client-messages.js';

export const lookup = (messageId: number): Buffer => lookupOf(messageId, 'jd@d.example');

export const lookupOf = (messageId: number, mail: string): Buffer =>
  message(messageId, {
    op: 'search',
    base: Buffer.from('o=hosting'),
    scope: 'sub',
    derefAliases: 0,
    sizeLimit: 0,
    timeLimit: 10,
    typesOnly: false,
    filter: { kind: 'equality', attribute: 'mail', value: Buffer.from(mail) },
    attributes: ['mailbox'],
  });

export const bind = (messageId: number, name = 'cn=Manager', password = 'secret'): Buffer =>
  message(messageId, {
    op: 'bind',
    version: 3,
    name: Buffer.from(name),
    authentication: { method: 'simple', password: Buffer.from(password) },
  });

export const remove = (messageId: number, entry = 'mail=jd@d.example'): Buffer =>
  message(messageId, { op: 'delete', entry: Buffer.from(entry) });

export const abandon = (messageId: number, target: number): Buffer => message(messageId, { op: 'abandon', messageId: target });

export const unbind = (messageId: number): Buffer => message(messageId, { op: 'unbind' });

export const extended = (messageId: number, name: string, value?: Buffer): Buffer => {
  const request: Request = { op: 'extended', name, value };
  return message(messageId, request);
};

export const startTls = (messageId: number): Buffer => extended(messageId, '1.3.6.1.4.1.1466.20037');

export const cancel = (messageId: number, target: number): Buffer =>
  extended(messageId, '1.3.6.1.1.8', berSequence(berInteger(target)));
