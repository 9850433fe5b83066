/** What people enter in their mail programs. */
import type { FC } from 'hono/jsx';
import type { ClientServer, ClientSettings } from '../../mail/client-servers.js';

const protocolNames = { imap: 'IMAP', pop: 'POP3', smtp: 'SMTP' } as const;
const securityNames = { tls: 'SSL/TLS', starttls: 'STARTTLS', none: 'no encryption' } as const;

export interface ClientSettingsCardProps {
  /** Undefined where the site does not say: there is no card then. */
  readonly settings: ClientSettings | undefined;
  readonly address: string;
  /** Where its profile for Apple's mail programs is. */
  readonly profile: string;
}

/** For anybody. */
export function profilePath(address: string): string {
  return `/mail/apple.mobileconfig?emailaddress=${encodeURIComponent(address)}`;
}

export const ClientSettingsCard: FC<ClientSettingsCardProps> = ({ settings, address, profile }) =>
  settings === undefined ? null : (
    <section class="card" id="mail-programs">
      <h2>Mail programs</h2>
      <dl class="facts">
        <dt>User name</dt>
        <dd>{address}</dd>
        {settings.incoming.map((server) => (
          <Server title="Incoming mail" server={server} />
        ))}
        <Server title="Outgoing mail" server={settings.outgoing} />
      </dl>
      <p class="hint">Thunderbird and Outlook find these settings by themselves. On iPhone, iPad and Mac, open the profile.</p>
      <a class="button quiet" href={profile}>
        Profile for Apple devices
      </a>
    </section>
  );

const Server: FC<{ title: string; server: ClientServer }> = ({ title, server: { protocol, host, port, security } }) => (
  <>
    <dt>
      {title} ({protocolNames[protocol]})
    </dt>
    <dd>
      <code>{host}</code>, port {port}, {securityNames[security]}
    </dd>
  </>
);
