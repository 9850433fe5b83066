/** What the DNS says about a domain. */
import { dnsAdvice, dnsSubjects } from '../../../mail/dns-advice.js';
import { dnsStates } from '../../../mail/dns-records.js';
import { inEnglish } from '../../../mail/told.js';
import { operation } from '../operation.js';
import { component, list, nullable, object, oneOf, optional, string } from '../shape.js';
import { domainOf } from './paths.js';

const finding = component(
  'DnsFinding',
  object({
    subject: oneOf(dnsSubjects),
    name: string({ description: 'The name that was looked up' }),
    state: oneOf(dnsStates),
    says: string(),
    found: list(string(), 20, 'As in a zone file, without the name'),
    putIn: nullable(string({ description: 'A line for the zone file' })),
  }),
);

export const dnsOperations = [
  operation({
    id: 'getDns',
    method: 'get',
    path: '/domains/{domain}/dns',
    tag: 'Domains',
    summary: 'Look up the DNS records of mail, and say what to put in',
    scope: 'read',
    query: object({ selector: optional(string({ description: 'Of the DKIM key that the domain signs with', maxLength: 63 })) }),
    result: component('DnsAdvice', object({ items: list(finding, 20) })),
    run: async ({ mail, param, query }) => {
      const { selector = '' } = query;
      const findings = await dnsAdvice(mail, domainOf(param), selector === '' ? [] : [selector]);
      return {
        value: { items: findings.map(({ says, putIn, ...one }) => ({ ...one, says: inEnglish(says), putIn: putIn ?? null })) },
      };
    },
  }),
];
