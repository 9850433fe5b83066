/** German: the pages of mail programs, welcome mails and DNS. */
import type * as source from '../en/services.js';

export const mailPrograms: typeof source.mailPrograms = {
  title: 'E-Mail-Programme',
  userName: 'Benutzername',
  incoming: (p) => `Posteingang (${p.protocol})`,
  outgoing: (p) => `Postausgang (${p.protocol})`,
  port: (p) => `Port ${p.port}`,
  noEncryption: 'ohne Verschlüsselung',
  hint: 'Thunderbird und Outlook finden diese Angaben selbst. Auf iPhone, iPad und Mac öffnen Sie das Profil.',
  profile: 'Profil für Apple-Geräte',
};

export const welcomeMail: typeof source.welcomeMail = {
  title: 'Begrüßung',
  tick: 'Eine Begrüßung senden',
  tickHint:
    'Sie legt den E-Mail-Ordner an, wie es die erste Nachricht tut, und erklärt, wie E-Mail-Programme eingerichtet werden.',
  text: 'Die erste Nachricht legt den E-Mail-Ordner an. Die Begrüßung erklärt auch, wie E-Mail-Programme eingerichtet werden.',
  button: 'Begrüßung senden',
  onItsWay: (p) => `Eine Begrüßung an ${p.address} ist unterwegs.`,
  notSent: (p) => `Das Konto ist angelegt, aber nicht begrüßt. ${p.reason}`,
};

export const dnsPage: typeof source.dnsPage = {
  tab: 'DNS',
  title: (p) => `DNS von ${p.domain}`,
  intro: 'Was das DNS über E-Mails dieser Domain sagt, so wie dieser Server es gerade sieht.',
  selector: 'DKIM-Selektor',
  selectorHint: 'Der Name des Schlüssels, mit dem Ihr Mailserver signiert, zum Beispiel mail.',
  lookUp: 'Nachschlagen',
  found: 'Gefunden',
  nothing: 'nichts',
  putIn: 'Einzutragen',
  mx: 'Eingehende E-Mails (MX)',
  spf: 'Wer senden darf (SPF)',
  dkim: 'Signaturen (DKIM)',
  dmarc: 'Was bei beiden durchfällt (DMARC)',
  autoconfig: 'Einstellungen für Thunderbird',
  autodiscover: 'Einstellungen für Outlook',
  service: 'Server der E-Mail-Programme (SRV)',
  good: 'gut',
  advice: 'verbesserbar',
  missing: 'fehlt',
  wrong: 'falsch',
  unknown: 'unbekannt',
};
