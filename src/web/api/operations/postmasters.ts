/** Postmasters of a domain. */
import { getOwnDomain } from '../../../mail/domains.js';
import { getPerson } from '../../../mail/entries.js';
import { MailError } from '../../../mail/errors.js';
import { appointPostmaster, dismissPostmaster, listPostmasters } from '../../../mail/postmasters.js';
import { operation } from '../operation.js';
import { boolean, component, list, nullable, object, string } from '../shape.js';
import { addressOf, domainOf } from './paths.js';

const postmaster = component('Postmaster', object({ address: nullable(string()), dn: string(), active: boolean() }));

export const postmasterOperations = [
  operation({
    id: 'listPostmasters',
    method: 'get',
    path: '/domains/{domain}/postmasters',
    tag: 'Postmasters',
    summary: 'List the postmasters of a domain',
    scope: 'read',
    result: component('PostmasterList', object({ items: list(postmaster, 1_000) })),
    run: async ({ mail, param }) => {
      const { name } = await getOwnDomain(mail, domainOf(param));
      const items = (await listPostmasters(mail, name)).map(({ dn, person }) => {
        return { dn, address: person?.address ?? null, active: person?.active ?? false };
      });
      return { value: { items } };
    },
  }),
  operation({
    id: 'putPostmaster',
    method: 'put',
    path: '/domains/{domain}/postmasters/{address}',
    tag: 'Postmasters',
    summary: 'Make somebody of the domain its postmaster',
    scope: 'postmasters',
    run: async ({ mail, param }) => {
      const domain = await getOwnDomain(mail, domainOf(param));
      await appointPostmaster(mail, domain, await getPerson(mail, domain.name, addressOf(param)));
      return { value: undefined };
    },
  }),
  operation({
    id: 'deletePostmaster',
    method: 'delete',
    path: '/domains/{domain}/postmasters/{address}',
    tag: 'Postmasters',
    summary: 'Dismiss a postmaster',
    scope: 'postmasters',
    run: async ({ mail, param }) => {
      const domain = await getOwnDomain(mail, domainOf(param));
      const { dn } = await getPerson(mail, domain.name, addressOf(param));
      if (!(await dismissPostmaster(mail, domain, dn))) throw new MailError('not-found', 'That is no postmaster of this domain.');
      return { value: undefined };
    },
  }),
];
