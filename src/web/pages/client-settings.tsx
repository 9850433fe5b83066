/** What people enter in their mail programs. */
import type { FC } from 'hono/jsx';
import type { ClientServer, ClientSettings } from '../../mail/client-servers.js';
import { useTexts } from '../view/texts.js';

const protocolNames = { imap: 'IMAP', pop: 'POP3', smtp: 'SMTP' } as const;
const securityNames = { tls: 'SSL/TLS', starttls: 'STARTTLS', none: undefined } as const;

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

export const ClientSettingsCard: FC<ClientSettingsCardProps> = ({ settings, address, profile }) => {
  const { mailPrograms: t } = useTexts();
  if (settings === undefined) return null;
  return (
    <section class="card" id="mail-programs">
      <h2>{t.title}</h2>
      <dl class="facts">
        <dt>{t.userName}</dt>
        <dd>{address}</dd>
        {settings.incoming.map((server) => (
          <Server title={t.incoming({ protocol: protocolNames[server.protocol] })} server={server} />
        ))}
        <Server title={t.outgoing({ protocol: protocolNames[settings.outgoing.protocol] })} server={settings.outgoing} />
      </dl>
      <p class="hint">{t.hint}</p>
      <a class="button quiet" href={profile}>
        {t.profile}
      </a>
    </section>
  );
};

const Server: FC<{ title: string; server: ClientServer }> = ({ title, server: { host, port, security } }) => {
  const { mailPrograms: t } = useTexts();
  return (
    <>
      <dt>{title}</dt>
      <dd>
        <code>{host}</code>, {t.port({ port })}, {securityNames[security] ?? t.noEncryption}
      </dd>
    </>
  );
};
