/** German: what frames every page. */
import type * as source from '../en/frame.js';
import { formatsOf } from '../formats.js';

const { number } = formatsOf('de');

export const frame: typeof source.frame = {
  skip: 'Zum Inhalt springen',
  main: 'Hauptmenü',
  whereYouAre: 'Sie sind hier',
  language: 'Sprache',
  domains: 'Domains',
  myAccount: 'Mein Konto',
  secondFactor: 'Zweiter Faktor',
  logOut: 'Abmelden',
  startPage: 'Zur Startseite',
};

export const script: typeof source.script = {
  yes: 'Ja',
  cancel: 'Abbrechen',
  show: 'Anzeigen',
  hide: 'Verbergen',
  showField: 'Anzeigen: {label}',
  selectAll: 'Alle auf dieser Seite auswählen',
  selected: '{count} ausgewählt',
  copy: 'Kopieren',
  copied: 'Kopiert',
  copyFailed: 'Der Browser erlaubt das nicht. Markieren Sie den Text und kopieren Sie ihn.',
  download: 'Herunterladen',
  tooShort: 'Noch zu kurz: es fehlen {count} Zeichen.',
  known: 'Schwach: Das wird mit als Erstes ausprobiert.',
  weak: 'Schwach. Fügen Sie ein Wort hinzu.',
  fair: 'Mittel. Mit einem Wort mehr wird es gut.',
  good: 'Gut.',
  veryGood: 'Sehr gut.',
};

export const form: typeof source.form = {
  optional: '(optional)',
  cancel: 'Abbrechen',
  save: 'Speichern',
  on: 'Ein',
  off: 'Aus',
  never: 'nie',
  newPassword: 'Neues Passwort',
  repeatPassword: 'Neues Passwort wiederholen',
  passwordHint: (p) =>
    `Mindestens ${number(p.least)} Zeichen. Vier beliebige Wörter lassen sich leicht merken und schwer erraten.`,
};

export const list: typeof source.list = {
  search: 'Suchen',
  show: 'Anzeigen',
  select: 'Auswählen',
  selectOne: (p) => `${p.name} auswählen`,
  selected: 'Ausgewählte:',
  apply: 'Anwenden',
  pages: 'Seiten',
  previous: 'Zurück',
  next: 'Weiter',
  page: (p) => `Seite ${number(p.page)} von ${number(p.pages)}`,
  activate: 'aktivieren',
  deactivate: 'deaktivieren',
  delete: 'löschen',
  restore: 'wiederherstellen',
  purge: 'endgültig löschen',
  everyStatus: 'Alle',
  notDeleted: 'Alle außer gelöschten',
  active: 'Aktive',
  inactive: 'Inaktive',
  deleted: 'Gelöschte',
  tooMany: (p) => `Wählen Sie höchstens ${number(p.most)} aus.`,
};

export const login: typeof source.login = {
  title: 'Anmelden',
  name: 'E-Mail-Adresse oder Anmeldename',
  password: 'Passwort',
  button: 'Anmelden',
  hint:
    'Geben Sie Ihre vollständige Adresse ein, zum Beispiel john@example.com. ' +
    'Wenn Sie Ihr Passwort vergessen haben, bitten Sie Ihren Postmaster um ein neues.',
  expired: 'Das Formular war abgelaufen. Melden Sie sich noch einmal an.',
  ended: 'Ihre Sitzung ist beendet. Melden Sie sich wieder an.',
  endedKept: 'Ihre Sitzung ist beendet. Melden Sie sich wieder an, um fortzufahren: Ihre Eingaben bleiben erhalten.',
  resumeTitle: 'Machen Sie weiter, wo Sie aufgehört haben',
  resume: 'Ihre Sitzung war beendet, deshalb ist dies noch nicht geschehen. Ihre Eingaben sind erhalten.',
  resumeWithoutPasswords:
    'Ihre Sitzung war beendet, deshalb ist dies noch nicht geschehen. Ihre Eingaben sind erhalten, ' +
    'außer Passwörtern: Die werden nie gespeichert.',
  sendAgain: 'Noch einmal senden',
  discard: 'Verwerfen',
};

export const failure: typeof source.failure = {
  notFound: 'Nicht gefunden',
  noPage: 'Diese Seite gibt es nicht. Vielleicht ist der Link veraltet.',
  notAllowed: 'Nicht erlaubt',
  notDone: 'Nicht ausgeführt',
  unavailable: 'Das Verzeichnis ist nicht erreichbar',
  wrong: 'Ein Fehler ist aufgetreten',
  wrongText:
    'Der Fehler liegt bei dieser Website und wurde protokolliert. Gehen Sie zurück und versuchen Sie es noch einmal. ' +
    'Wenn es wieder geschieht, sagen Sie Ihrem Administrator Bescheid.',
  notUnderstood: 'Nicht verstanden',
  noLength: 'Dieses Formular hat keine Content-Length. Senden Sie es mit einem Browser.',
  tooLarge: 'Zu groß',
  tooLargeText: 'Dieses Formular ist zu groß. Teilen Sie es auf.',
  busy: 'Ausgelastet',
  busyText: 'Gerade werden viele große Formulare gesendet. Gehen Sie zurück und versuchen Sie es gleich noch einmal.',
  tooSlow: 'Zu langsam',
  tooSlowText: 'Die Übertragung des Formulars hat zu lange gedauert. Gehen Sie zurück und versuchen Sie es noch einmal.',
  malformed: 'Das war kein Formular. Gehen Sie zurück und laden Sie die Seite neu.',
  method: 'Diese Website versteht nur GET und POST.',
  foreign: 'Dieses Formular kam von einer anderen Website, deshalb wurde nichts ausgeführt.',
  wrongToken:
    'Dieses Formular gehört nicht zu Ihrer Sitzung, deshalb wurde nichts ausgeführt. ' +
    'Gehen Sie zurück, laden Sie die Seite neu und versuchen Sie es noch einmal.',
};
