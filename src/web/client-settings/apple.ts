/** A configuration profile for the mail programs of Apple's systems (.mobileconfig). It is not signed, and says so when installed. */
import { createHash } from 'node:crypto';
import type { ClientServer, ClientSettings } from '../../mail/client-servers.js';
import { xml, type Xml } from './xml.js';

export const profileType = 'application/x-apple-aspen-config';

type Value = string | number | boolean;

export function appleProfile(address: string, settings: ClientSettings): string {
  const [incoming, { outgoing }] = [settings.incoming[0], settings];
  const reversed = [...address.slice(address.lastIndexOf('@') + 1).split('.')].reverse().join('.');
  const identifier = `${reversed}.mail.${digest(address).slice(0, 12)}`;
  const account = {
    EmailAccountDescription: address,
    EmailAccountName: address,
    EmailAccountType: incoming?.protocol === 'pop' ? 'EmailTypePOP' : 'EmailTypeIMAP',
    EmailAddress: address,
    ...server('IncomingMailServer', incoming ?? outgoing, address),
    ...server('OutgoingMailServer', outgoing, address),
    OutgoingPasswordSameAsIncomingPassword: true,
    ...payload('com.apple.mail.managed', `${identifier}.account`, address, settings),
  };
  return xml`<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>PayloadContent</key>
  <array>
    <dict>
${entries(account, '      ')}    </dict>
  </array>
${entries(payload('Configuration', identifier, address, settings), '  ')}</dict>
</plist>
`.text;
}

function server(prefix: string, { host, port, security }: ClientServer, address: string): Record<string, Value> {
  return {
    [`${prefix}Authentication`]: 'EmailAuthPassword',
    [`${prefix}HostName`]: host,
    [`${prefix}PortNumber`]: port,
    [`${prefix}UseSSL`]: security !== 'none',
    [`${prefix}Username`]: address,
  };
}

function payload(type: string, identifier: string, address: string, settings: ClientSettings): Record<string, Value> {
  return {
    PayloadDisplayName: address,
    PayloadIdentifier: identifier,
    PayloadType: type,
    PayloadUUID: uuidOf(`${type} ${address} ${JSON.stringify(settings)}`),
    PayloadVersion: 1,
  };
}

function entries(values: Readonly<Record<string, Value>>, indent: string): readonly Xml[] {
  return Object.entries(values).map(([key, value]) => xml`${indent}<key>${key}</key>\n${indent}${valueElement(value)}\n`);
}

function valueElement(value: Value): Xml {
  if (typeof value === 'boolean') return value ? xml`<true/>` : xml`<false/>`;
  return typeof value === 'number' ? xml`<integer>${value}</integer>` : xml`<string>${value}</string>`;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The same for the same settings, so that a profile that is installed again takes the place of the first (RFC 9562, version 8). */
function uuidOf(text: string): string {
  const hex = digest(text);
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-');
}
