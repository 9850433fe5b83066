/** What Thunderbird and others that read its format ask a domain for (config-v1.1.xml). */
import type { ClientServer, ClientSettings, ConnectionSecurity } from '../../mail/client-servers.js';
import { xml, type Xml } from './xml.js';

const socketTypes: Readonly<Record<ConnectionSecurity, string>> = { tls: 'SSL', starttls: 'STARTTLS', none: 'plain' };

export function thunderbirdConfig(domain: string, { incoming, outgoing }: ClientSettings): string {
  return xml`<?xml version="1.0" encoding="UTF-8"?>
<clientConfig version="1.1">
  <emailProvider id="${domain}">
    <domain>${domain}</domain>
    <displayName>${domain}</displayName>
    <displayShortName>${domain}</displayShortName>
${incoming.map((server) => serverElement('incomingServer', server))}${serverElement('outgoingServer', outgoing)}  </emailProvider>
</clientConfig>
`.text;
}

function serverElement(name: 'incomingServer' | 'outgoingServer', { protocol, host, port, security }: ClientServer): Xml {
  const inner = xml`      <hostname>${host}</hostname>
      <port>${port}</port>
      <socketType>${socketTypes[security]}</socketType>
      <authentication>password-cleartext</authentication>
      <username>%EMAILADDRESS%</username>
`;
  const type = protocol === 'pop' ? 'pop3' : protocol;
  return name === 'incomingServer'
    ? xml`    <incomingServer type="${type}">\n${inner}    </incomingServer>\n`
    : xml`    <outgoingServer type="${type}">\n${inner}    </outgoingServer>\n`;
}
