/** Virtual list views (draft-ietf-ldapext-ldapv3-vlv), which slapd leaves to its overlay sssvlv. */
import { element, integer, octets, sequence } from '../../support/wire/ber.js';
import type { WireControl } from '../../support/wire/operation.js';
import { bind, by, search, type SearchOptions } from '../directed/steps.js';
import { domainEntry, root, rootPassword, tree, unitEntry, withOverlays, type Setting } from './setting.js';

const sortOid = '1.2.840.113556.1.4.473';
const key = (attribute: string, rule = 'caseIgnoreOrderingMatch', reverse = false): Buffer =>
  sequence(octets(attribute), ...(rule === '' ? [] : [octets(rule, 0x80)]), ...(reverse ? [element(0x81, Buffer.of(0xff))] : []));
const sort = (keys: readonly Buffer[] = [key('sn')]): WireControl => ({
  oid: sortOid,
  critical: true,
  value: { hex: sequence(...keys).toString('hex') },
});
const list = (before: number, after: number, target: Buffer, critical = true): WireControl => ({
  oid: '2.16.840.1.113730.3.4.9',
  critical,
  value: { hex: sequence(integer(before), integer(after), target).toString('hex') },
});
const at = (offset: number, count = 0): Buffer => element(0xa0, Buffer.concat([integer(offset), integer(count)]));
const from = (value: string): Buffer => octets(value, 0x81);

const people = ['Smith', 'adams', 'Zander', 'Adamsson', 'young', 'miller'];
const rdn = (n: number): string => `cn=p${n},ou=p,dc=test`;
const everybody = Object.fromEntries(people.map((_, n) => [rdn(n), {}]));
const inOrder = [1, 3, 5, 0, 4, 2].map(rdn);
const ask = (controls: readonly WireControl[], options: SearchOptions = {}) =>
  search('ou=p,dc=test', '(objectClass=*)', { scope: 'one', attributes: ['1.1'], inOrder: true, controls, ...options });

const backward = sort([key('sn', 'caseIgnoreOrderingMatch', true)]);
const forgiven = 'slapd fails a search for a virtual list control that is not critical';

export const virtualLists: Setting = {
  config: withOverlays(
    ['sssvlv'],
    `index objectClass eq
access to * by * read
overlay sssvlv
sssvlv-max 500
sssvlv-maxkeys 2
sssvlv-maxperconn 500
`,
  ),
  steps: [
    bind(root, rootPassword, { as: '#root' }),
    ...tree({
      'dc=test': domainEntry(),
      'ou=p,dc=test': unitEntry(),
      ...Object.fromEntries(
        people.map((sn, n) => [
          rdn(n),
          {
            objectClass: ['inetOrgPerson', 'posixAccount'],
            sn: [sn],
            uid: [`p${n}`],
            gidNumber: ['1'],
            uidNumber: [String(n * 7)],
            homeDirectory: ['/'],
          },
        ]),
      ),
    }),
    ...by('#root', [
      ask([sort(), list(0, 2, at(1))]),
      ask([sort(), list(1, 1, at(3))]),
      ask([sort(), list(5, 5, at(2))]),
      ask([sort(), list(2, 0, at(6, 6))]),
      ask([sort(), list(2, 2, at(100, 100))]),
      ask([sort(), list(0, 1, at(50, 100))]),
      ask([sort(), list(1, 1, from('m'))]),
      ask([sort(), list(0, 0, from('ADAMSSON'))]),
      ask([sort(), list(0, 3, from('0'))]),
      ask([sort(), list(2, 2, from('zz'))]),
      ask([backward, list(0, 1, at(2))]),
      ask([backward, list(1, 1, from('n'))]),
      ask([sort([key('uidNumber', '')]), list(0, 1, from('14'))]),
      ask([sort([key('uidNumber', ''), key('sn')]), list(0, 1, from('15'))]),
      ask([sort([key('uidNumber', ''), key('sn'), key('cn')]), list(0, 1, at(1))]),
      ask([sort(), list(0, 1, at(7))]),
      ask([sort(), list(0, 1, at(8, 7))]),
      ask([list(0, 1, at(1))]),
      ask([sort(), list(0, 1, at(1))], { attributes: ['sn'] }),
      ask([sort(), list(0, 0, at(2), false)]),
      ask([sort(), { oid: '2.16.840.1.113730.3.4.9', critical: true }]),
      ask([sort(), { oid: '2.16.840.1.113730.3.4.9', critical: true, value: { hex: '3003020100' } }]),
      search('', '(objectClass=*)', { attributes: ['supportedControl'] }),
      ask([list(0, 1, at(1), false)], {
        inOrder: false,
        rather: {
          because: forgiven,
          outcome: { code: 0, entries: everybody, controls: ['2.16.840.1.113730.3.4.10 00 00 4c'] },
        },
      }),
      ask([sort(), list(0, 1, at(9), false)], {
        rather: {
          because: forgiven,
          outcome: {
            code: 0,
            entries: everybody,
            order: inOrder,
            controls: ['1.2.840.113556.1.4.474 30030a0100', '2.16.840.1.113730.3.4.10 00 06 4d'],
          },
        },
      }),
    ]),
  ],
};
