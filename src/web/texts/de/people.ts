/** German: accounts and aliases. */
import type * as source from '../en/people.js';
import { formatsOf } from '../formats.js';

const { number, plural, size } = formatsOf('de');

export const person: typeof source.person = {
  account: 'Konto',
  alias: 'Alias',
  name: 'Name',
  address: 'Adresse',
  quota: 'Quota',
  quotaHint: 'Platz für E-Mails, zum Beispiel 500 MB oder 2 GB. Leer bedeutet unbegrenzt.',
  noLimit: 'unbegrenzt',
  active: 'Aktiv',
  activeBadge: 'aktiv',
  inactiveBadge: 'inaktiv',
  deletedBadge: 'gelöscht',
  withDomain: 'inaktiv mit der Domain',
  off: 'aus',
  none: 'keine',
  lastChange: 'Letzte Änderung',
  setPassword: 'Passwort setzen',
  rename: 'Umbenennen',
  newAddress: 'Neue Adresse',
  yourName: 'Ihr Name',
  yourPassword: 'Ihr Passwort',
  currentPassword: 'Jetziges Passwort',
  changePassword: 'Passwort ändern',
  yourMail: 'Wohin Ihre E-Mails gehen',
  factorText: 'Mit einem zweiten Faktor fragen diese Seiten nach dem Passwort noch nach einem Code einer Authenticator-App.',
  nameSaved: 'Ihr Name ist gespeichert.',
  passwordChanged: 'Ihr Passwort ist geändert. Ändern Sie es auch in Ihren E-Mail-Programmen.',
};

export const sharing: typeof source.sharing = {
  title: 'Weiterleitung',
  save: 'Weiterleitung speichern',
  mine: 'Meine E-Mails weiterleiten an',
  its: 'E-Mails weiterleiten an',
  hint: 'Adressen, getrennt durch Kommas, Semikolons oder Zeilenumbrüche. Leer beendet die Weiterleitung.',
  stays: (p) => `E-Mails an ${p.address} bleiben im Postfach.`,
  goes: (p) => `E-Mails an ${p.address} gehen an ${p.to}.`,
  goesWithCopy: (p) => `E-Mails an ${p.address} gehen an ${p.to}, eine Kopie bleibt hier im Postfach.`,
  keepCopy: 'Eine Kopie hier im Postfach behalten',
  sendersTitle: 'Wer von dieser Adresse senden darf',
  ownerSends: 'Der Inhaber darf von ihr senden. Erlauben Sie es auch anderen:',
  destinationsSend: 'Konten, an die sie zustellt, dürfen von ihr senden. Erlauben Sie es auch anderen:',
  saveSenders: 'Absender speichern',
  removeSenders: 'Absender zum Entfernen auswählen',
  addAccounts: 'Konten hinzufügen',
  accountsHint: 'Adressen von Konten dieser Website.',
  used: 'Belegt',
  maySendFrom: 'Darf auch senden von',
  usage: (p) => `${size(p.bytes)}, ${number(p.messages)} ${plural(p.messages, { one: 'E-Mail', other: 'E-Mails' })}`,
};

export const destinations: typeof source.destinations = {
  title: 'Stellt zu an',
  hint: 'Eine oder mehrere Adressen, getrennt durch Kommas, Semikolons oder Zeilenumbrüche.',
  remove: 'Ziele zum Entfernen auswählen',
  add: 'Ziele hinzufügen',
  save: 'Ziele speichern',
  added: (p) => `Hinzugefügt: ${p.list}.`,
  removed: (p) => `Entfernt: ${p.list}.`,
  unchanged: 'Nichts geändert: Diese Ziele sind schon da.',
};

export const appPassword: typeof source.appPassword = {
  title: 'App-Passwörter',
  intro:
    'Geben Sie jedem E-Mail-Programm ein eigenes Passwort. Wenn Sie ein Gerät verlieren, widerrufen Sie dessen Passwort und ' +
    'behalten die anderen. Auf diesen Seiten gelten App-Passwörter nicht.',
  expired: 'abgelaufen',
  made: 'Erstellt',
  used: 'zuletzt benutzt',
  expiredOn: 'abgelaufen',
  expires: 'läuft ab',
  revoke: 'Widerrufen',
  revokeOne: (p) => `${p.label} widerrufen`,
  revokeQuestion: (p) => `App-Passwort für ${p.label} widerrufen? Das Programm, das es benutzt, kann sich nicht mehr anmelden.`,
  revoked: (p) => `Das App-Passwort für ${p.label} ist widerrufen.`,
  make: 'App-Passwort erstellen',
  label: 'Wofür es ist',
  labelExample: 'Handy',
  days: 'Läuft ab nach Tagen',
  daysHint: 'Leer bedeutet unbefristet.',
  ownPassword: 'Ihr jetziges Passwort',
  madeTitle: 'Ihr App-Passwort',
  madeFor: (p) => `App-Passwort für ${p.label}`,
  enterNow: 'Geben Sie es jetzt in Ihrem E-Mail-Programm ein. Es wird nicht noch einmal angezeigt.',
  userName: 'Benutzername',
  password: 'Passwort',
  expiry: 'Läuft ab',
  done: 'Fertig',
  revokeAll: 'Auch alle App-Passwörter widerrufen',
};

export const factor: typeof source.factor = {
  title: 'Zweiter Faktor',
  code: 'Code',
  codeHint: 'Die sechs Ziffern, die Ihre Authenticator-App anzeigt, oder ein Wiederherstellungscode.',
  codeNow: 'Die sechs Ziffern, die die App jetzt anzeigt.',
  logIn: 'Anmelden',
  lost: 'Wenn Sie beides verloren haben, bitten Sie Ihren Postmaster oder Administrator, Ihren zweiten Faktor auszuschalten.',
  setUp: 'Zweiten Faktor einrichten',
  required: 'Der Administrator verlangt von Ihnen einen zweiten Faktor. Richten Sie ihn ein, um fortzufahren.',
  switchOn: 'Einschalten',
  switchOff: 'Ausschalten',
  recoveryTitle: 'Ihre Wiederherstellungscodes',
  recoveryText:
    'Ihr zweiter Faktor ist eingeschaltet. Jeder dieser Codes öffnet diese Seiten einmal ohne die App. Drucken Sie sie oder ' +
    'schreiben Sie sie jetzt auf: Sie werden nicht noch einmal angezeigt.',
  on: 'ein',
  left: (p) =>
    `Diese Seiten fragen nach dem Passwort noch nach einem Code. Übrige Wiederherstellungscodes: ${number(p.count)}. ` +
    'Für neue Codes oder eine andere App schalten Sie ihn aus und richten ihn neu ein.',
  isOff: 'Ihr zweiter Faktor ist ausgeschaltet.',
  orKey: 'Oder geben Sie diesen Schlüssel in eine Authenticator-App ein:',
  openInApp: 'in einer App auf diesem Gerät öffnen',
};

export const tabs: typeof source.tabs = {
  accounts: 'Konten',
  aliases: 'Aliasse',
  catchAll: 'Catch-all',
  postmasters: 'Postmaster',
  settings: 'Einstellungen',
  domain: 'Domain',
};
