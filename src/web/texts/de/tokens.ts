/** German: API tokens. */
import type * as source from '../en/tokens.js';

export const tokens: typeof source.tokens = {
  tab: 'API-Token',
  title: (p) => `API-Token von ${p.domain}`,
  intro:
    'Mit einem Token benutzt ein Programm die API für diese Domain. Geben Sie jedem Programm sein eigenes, dann können Sie es ' +
    'einzeln widerrufen.',
  none: 'Es gibt noch keine Token.',
  expired: 'abgelaufen',
  scopes: (p) => `Darf: ${p.list}.`,
  made: 'Erstellt',
  used: 'Zuletzt benutzt',
  expires: 'Läuft ab',
  revoke: 'Widerrufen',
  revokeOne: (p) => `${p.label} widerrufen`,
  revokeQuestion: (p) => `Das Token für ${p.label} widerrufen? Das Programm, das es benutzt, kommt dann nicht mehr an die API.`,
  revoked: 'Das Token ist widerrufen.',
  new: 'Ein Token erstellen',
  label: 'Wofür es ist',
  labelExample: 'Anmeldeformular',
  mayDo: 'Was es darf',
  alwaysReads: 'Die Domain, ihre Konten, Aliasse und Postmaster darf es immer lesen.',
  warning:
    'Ein Token, das etwas ändern darf, hat im Verzeichnis selbst die Rechte eines Postmasters. Bewahren Sie es auf wie ein Passwort.',
  days: 'Läuft ab nach Tagen',
  daysHint: 'Leer lassen, damit es nicht abläuft.',
  ownPassword: 'Ihr jetziges Passwort',
  make: 'Token erstellen',
  madeTitle: (p) => `Token für ${p.label}`,
  madeText: 'Geben Sie es jetzt Ihrem Programm. Es wird nicht noch einmal angezeigt.',
  token: 'Das Token',
  how: 'Senden Sie es mit jeder Anfrage:',
  api: 'Was die API kann',
  done: 'Fertig',
};

export const tokenScopes: typeof source.tokenScopes = {
  read: 'lesen',
  accounts: 'Konten hinzufügen, ändern, umbenennen, löschen und wiederherstellen',
  aliases: 'Aliasse hinzufügen, ändern und löschen, das Catch-all festlegen',
  passwords: 'Passwörter setzen, App-Passwörter erstellen und widerrufen',
  postmasters: 'Postmaster ernennen und entlassen',
};
