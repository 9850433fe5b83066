/** What Outlook asks a domain for (Autodiscover, "plain old XML"). */
import type { ClientServer, ClientSettings, ConnectionSecurity } from '../../mail/client-servers.js';
import { xml, type Xml } from './xml.js';

const responseSchema = 'http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006';
export const outlookSchema = 'http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a';

const encryptions: Readonly<Record<ConnectionSecurity, string>> = { tls: 'SSL', starttls: 'TLS', none: 'None' };

export function outlookConfig(address: string, { incoming, outgoing }: ClientSettings): string {
  return envelope(
    outlookSchema,
    xml`    <User>
      <DisplayName>${address}</DisplayName>
    </User>
    <Account>
      <AccountType>email</AccountType>
      <Action>settings</Action>
${[...incoming, outgoing].map((server) => protocolElement(address, server))}    </Account>
`,
  );
}

function protocolElement(address: string, { protocol, host, port, security }: ClientServer): Xml {
  return xml`      <Protocol>
        <Type>${protocol === 'pop' ? 'POP3' : protocol.toUpperCase()}</Type>
        <Server>${host}</Server>
        <Port>${port}</Port>
        <DomainRequired>off</DomainRequired>
        <LoginName>${address}</LoginName>
        <SPA>off</SPA>
        <SSL>${security === 'none' ? 'off' : 'on'}</SSL>
        <Encryption>${encryptions[security]}</Encryption>
        <AuthRequired>on</AuthRequired>
      </Protocol>
`;
}

/** 600: the request cannot be understood; 601: there are no such settings. */
export function outlookError(code: 600 | 601, message: string): string {
  const now = new Date();
  return envelope(
    responseSchema,
    xml`    <Error Time="${now.toISOString().slice(11, 23)}" Id="${now.getTime() % 4_294_967_296}">
      <ErrorCode>${code}</ErrorCode>
      <Message>${message}</Message>
      <DebugData />
    </Error>
`,
  );
}

function envelope(schema: string, inner: Xml): string {
  return xml`<?xml version="1.0" encoding="utf-8"?>
<Autodiscover xmlns="${responseSchema}">
  <Response xmlns="${schema}">
${inner}  </Response>
</Autodiscover>
`.text;
}
