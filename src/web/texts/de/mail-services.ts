/** German: mail programs, welcome mails, DNS. */
import type { MailTexts } from '../../../mail/told.js';
import type { serviceTexts } from '../../../mail/service-texts.js';

export const services: Pick<MailTexts, keyof typeof serviceTexts> = {
  settingsNotYours: 'Sie können nur Ihre eigenen Einstellungen sehen.',
  serversUnknown: (p) =>
    `Es ist nicht bekannt, welche Server E-Mail-Programme von ${p.domain} verwenden. Geben Sie sie mit --imap-server und --smtp-server an.`,
  relayUnknown:
    'Es kann keine Begrüßung versandt werden: Es ist nicht bekannt, über welchen Server. Geben Sie ihn mit --mail-relay an.',
  welcomeRefused: (p) => `E-Mails an ${p.address} werden zurzeit abgewiesen. Aktivieren Sie die Adresse zuerst.`,
  welcomeAgain: (p) => `Eine Begrüßung an ${p.address} wurde gerade erst versandt. Warten Sie eine Minute bis zur nächsten.`,
  notSent: (p) => `Die E-Mail konnte nicht versandt werden: ${p.reason}`,
  notSentBusy: 'Die E-Mail konnte nicht versandt werden: Zu viele andere sind unterwegs. Versuchen Sie es gleich noch einmal.',
  notSentAddress: (p) =>
    `Die E-Mail konnte nicht versandt werden: ${p.address} braucht Anführungszeichen, die viele Server ablehnen.`,
  noActivityLog:
    'Es ist nicht bekannt, wo Änderungen aufgezeichnet werden. Geben Sie das Protokoll mit --audit-log oder --accesslog an.',
  auditLogUnreadable: (p) => `Das Protokoll der Änderungen kann nicht gelesen werden: ${p.reason}`,
  dnsUnknown: 'Der Nameserver hat nicht geantwortet. Versuchen Sie es später noch einmal.',
  dnsBusy: 'Gerade werden viele Domains nachgeschlagen. Versuchen Sie es gleich noch einmal.',
  mxGood: (p) => `E-Mails gehen an ${p.hosts}.`,
  mxMissing: 'Kein Server nimmt E-Mails für diese Domain an.',
  mxRefuses: 'Die Domain erklärt, dass sie keine E-Mails annimmt (Null-MX).',
  mxElsewhere: (p) => `E-Mails gehen an ${p.hosts} und nicht an ${p.expected}.`,
  mxNoAddress: (p) => `${p.host} hat keine Adresse.`,
  mxIsAlias: (p) =>
    `${p.host} ist ein anderer Name für ${p.target} (CNAME); das darf ein MX nicht sein. Nennen Sie ${p.target} selbst.`,
  spfGood: 'Er nennt die Server, die für diese Domain senden dürfen.',
  spfMissing: 'Nirgends steht, welche Server für diese Domain senden dürfen. Ihre E-Mails werden leichter für Spam gehalten.',
  spfSeveral: 'Es gibt mehrere. Empfänger verwenden dann keinen davon: Fassen Sie sie zusammen.',
  spfAll: 'Er lässt jeden Server für diese Domain senden. Er sollte auf ~all oder -all enden.',
  spfOpen: 'Er sagt nicht, was für alle anderen Server gilt. Er sollte auf ~all oder -all enden.',
  spfLookups: (p) =>
    `Er verlangt ${p.count} weitere Abfragen, und Empfänger geben nach ${p.most} auf. Nennen Sie stattdessen Adressen.`,
  dkimGood: (p) => `Ein Schlüssel ist veröffentlicht (${p.algorithm}).`,
  dkimNoSelector: 'Es ist nicht bekannt, mit welchem Schlüssel Ihr Server signiert. Geben Sie den Selektor ein.',
  dkimMissing:
    'Es gibt keinen Schlüssel. Wenn Ihr Server mit diesem Selektor signiert, veröffentlichen Sie den Eintrag, der mit ihm entstand.',
  dkimSeveral: 'Es gibt mehrere Einträge. Empfänger nehmen irgendeinen davon: Lassen Sie nur einen stehen.',
  dkimRevoked: 'Der Schlüssel ist widerrufen: p= ist leer.',
  dkimUnreadable: 'Der Eintrag enthält keinen lesbaren Schlüssel: Sehen Sie sich p= an.',
  dkimWeak: (p) => `Der Schlüssel hat ${p.bits} Bit, und Empfänger verlangen mindestens 1024. Erzeugen Sie einen mit 2048.`,
  dkimShort: (p) => `Der Schlüssel hat ${p.bits} Bit. Heute sind 2048 üblich.`,
  dkimTesting: 'Der Eintrag bezeichnet sich als Test (t=y); Empfänger dürfen ihn deshalb übergehen.',
  dmarcGood: (p) => `Empfänger sollen mit dem, was bei SPF und DKIM durchfällt, so verfahren: ${p.policy}.`,
  dmarcInherited: (p) => `Es gilt der Eintrag von ${p.domain}: ${p.policy}.`,
  dmarcMissing: 'Nirgends steht, was Empfänger mit E-Mails tun sollen, die nur vorgeben, von dieser Domain zu kommen.',
  dmarcNone:
    'Er bittet nur um Berichte (p=none). Sobald diese zeigen, dass Ihre eigenen E-Mails bestehen, verlangen Sie quarantine oder reject.',
  dmarcSeveral: 'Es gibt mehrere. Empfänger verwenden dann keinen davon: Lassen Sie nur einen stehen.',
  dmarcInvalid: 'Seine Richtlinie ist nicht lesbar: p muss none, quarantine oder reject sein.',
  webGood: 'E-Mail-Programme finden dort ihre Einstellungen.',
  webMissing: 'E-Mail-Programme, die dort nach ihren Einstellungen suchen, finden keine. Es geht auch ohne.',
  webElsewhere: (p) => `Der Name führt anderswohin als zu ${p.host}, wo die Einstellungen liegen.`,
  serviceGood: 'E-Mail-Programme, die danach suchen, finden den Server.',
  serviceMissing: 'Manche E-Mail-Programme suchen dort nach ihrem Server. Es geht auch ohne.',
  serviceElsewhere: (p) => `Der Eintrag nennt ${p.server} nicht.`,
  selectorsTooMany: (p) => `Prüfen Sie höchstens ${p.most} Selektoren auf einmal.`,
  selectorInvalid: (p) => `„${p.selector}“ ist kein Selektor, also kein Name wie mail oder 2026a.`,
};
