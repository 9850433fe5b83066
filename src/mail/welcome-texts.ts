/** The welcome mail that is sent where a site has none of its own, and how server names are told in it, in each language. */
import type { ClientServer, ClientSettings, ConnectionSecurity } from './client-servers.js';
import type { WelcomeTemplate } from './welcome-template.js';

export const welcomeLanguages = ['en', 'de', 'fr', 'es'] as const;
export type WelcomeLanguage = (typeof welcomeLanguages)[number];

export const welcomeTemplates: Readonly<Record<WelcomeLanguage, WelcomeTemplate>> = {
  en: {
    subject: 'Your mailbox {address}',
    body: `Hello {name},

your mailbox {address} is ready. This first message has created its folders.

Set up your mail program with these settings and the password you were given:
{settings}

You can change your password and forward your mail here: {site}

If you have any questions, write to {postmaster}.
`,
  },
  de: {
    subject: 'Ihr Postfach {address}',
    body: `Guten Tag {name},

Ihr Postfach {address} ist eingerichtet. Diese erste Nachricht hat seine Ordner angelegt.

Richten Sie Ihr E-Mail-Programm mit diesen Angaben und dem Passwort ein, das Sie erhalten haben:
{settings}

Ihr Passwort ändern und E-Mails weiterleiten können Sie hier: {site}

Bei Fragen wenden Sie sich an {postmaster}.
`,
  },
  fr: {
    subject: 'Votre boîte aux lettres {address}',
    body: `Bonjour {name},

votre boîte aux lettres {address} est prête. Ce premier message a créé ses dossiers.

Configurez votre logiciel de messagerie avec ces paramètres et le mot de passe qui vous a été remis :
{settings}

Pour changer votre mot de passe ou rediriger vos messages : {site}

Pour toute question, écrivez à {postmaster}.
`,
  },
  es: {
    subject: 'Su buzón {address}',
    body: `Hola, {name}:

Su buzón {address} está listo. Este primer mensaje ha creado sus carpetas.

Configure su programa de correo con estos datos y la contraseña que ha recibido:
{settings}

Aquí puede cambiar su contraseña y reenviar su correo: {site}

Si tiene alguna pregunta, escriba a {postmaster}.
`,
  },
};

interface SettingWords {
  readonly user: string;
  readonly incoming: string;
  readonly outgoing: string;
  readonly port: string;
  readonly none: string;
}

const words: Readonly<Record<WelcomeLanguage, SettingWords>> = {
  en: { user: 'User name', incoming: 'Incoming mail', outgoing: 'Outgoing mail', port: 'port', none: 'no encryption' },
  de: { user: 'Benutzername', incoming: 'Posteingang', outgoing: 'Postausgang', port: 'Port', none: 'ohne Verschlüsselung' },
  fr: {
    user: 'Nom d’utilisateur',
    incoming: 'Courrier entrant',
    outgoing: 'Courrier sortant',
    port: 'port',
    none: 'sans chiffrement',
  },
  es: { user: 'Usuario', incoming: 'Correo entrante', outgoing: 'Correo saliente', port: 'puerto', none: 'sin cifrado' },
};

/** The lines that stand for {settings}. */
export function settingLines(language: WelcomeLanguage, address: string, { incoming, outgoing }: ClientSettings): string {
  const { user, incoming: read, outgoing: send, port, none } = words[language];
  const security: Readonly<Record<ConnectionSecurity, string>> = { tls: 'SSL/TLS', starttls: 'STARTTLS', none };
  const line = (what: string, { protocol, host, port: number, security: kind }: ClientServer): string => {
    const name = protocol === 'pop' ? 'POP3' : protocol.toUpperCase();
    return `    ${what} (${name}): ${host}, ${port} ${number}, ${security[kind]}`;
  };
  return [`    ${user}: ${address}`, ...incoming.map((server) => line(read, server)), line(send, outgoing)].join('\n');
}
