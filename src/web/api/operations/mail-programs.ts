/** What accounts and their owners need to get going: a welcome mail, and the settings of mail programs. */
import { accountSettings } from '../../../mail/client-settings.js';
import { connectionSecurities, mailProtocols, type ClientServer } from '../../../mail/client-servers.js';
import { getOwnDomain } from '../../../mail/domains.js';
import { sendWelcome } from '../../../mail/welcome.js';
import { operation } from '../operation.js';
import { component, integer, list, object, oneOf, string } from '../shape.js';
import { addressOf, domainOf } from './paths.js';

const one = '/domains/{domain}/accounts/{address}';

const server = component(
  'MailServer',
  object({ protocol: oneOf(mailProtocols), host: string(), port: integer(1, 65_535), security: oneOf(connectionSecurities) }),
);

const clientSettings = component(
  'ClientSettings',
  object({ userName: string(), incoming: list(server, mailProtocols.length), outgoing: server }),
);

const serverValue = ({ protocol, host, port, security }: ClientServer): ClientServer => ({ protocol, host, port, security });

export const mailProgramOperations = [
  operation({
    id: 'getClientSettings',
    method: 'get',
    path: `${one}/client-settings`,
    tag: 'Accounts',
    summary: 'Show what its owner enters in a mail program',
    description: 'Not found where the site does not name its servers.',
    scope: 'read',
    result: clientSettings,
    run: async ({ mail, param }) => {
      const { address, settings } = await accountSettings(mail, domainOf(param), addressOf(param));
      const { incoming, outgoing } = settings;
      return { value: { userName: address, incoming: incoming.map(serverValue), outgoing: serverValue(outgoing) } };
    },
  }),
  operation({
    id: 'sendWelcomeMail',
    method: 'post',
    path: `${one}/welcome`,
    tag: 'Accounts',
    summary: 'Send its owner a welcome mail',
    description: 'The first mail makes the mail folder. 409 where the site does not send any.',
    scope: 'accounts',
    run: async ({ mail, param }) => {
      await sendWelcome(mail, await getOwnDomain(mail, domainOf(param)), addressOf(param));
      return { value: undefined };
    },
  }),
];
