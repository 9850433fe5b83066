/** German: what the use cases tell people. */
import type { MailTexts } from '../../../mail/told.js';
import { formatsOf } from '../formats.js';
import { services } from './mail-services.js';

const { number, size } = formatsOf('de');

const few = (count: number, one: string, many: string): string =>
  count === 0 ? `keine ${many}` : count === 1 ? one : `höchstens ${number(count)} ${many}`;

export const mail: MailTexts = {
  ...services,

  wrongLogin: 'Anmeldename oder Passwort ist falsch. Prüfen Sie beides und versuchen Sie es noch einmal.',
  identityUnknown: 'Das Verzeichnis verrät nicht, wer Sie sind, deshalb können Sie sich hier nicht anmelden.',
  appPasswordLogin: 'Das ist ein App-Passwort, das nur für E-Mail-Programme gilt. Melden Sie sich mit Ihrem eigenen Passwort an.',
  mayNotLogIn: (p) =>
    `${p.name} darf sich hier nicht anmelden. Das dürfen nur Administratoren sowie Konten und Aliasse einer Domain.`,
  accountGone: 'Ihr Konto gibt es nicht mehr. Fragen Sie Ihren Postmaster.',
  accountDeleted: (p) => `${p.address} ist gelöscht. Bitten Sie Ihren Postmaster, es wiederherzustellen.`,
  accountInactive: (p) => `${p.address} ist deaktiviert. Bitten Sie Ihren Postmaster, es zu aktivieren.`,
  loginDomainInactive: (p) => `Die Domain ${p.domain} ist deaktiviert. Fragen Sie Ihren Administrator.`,
  tokenDomainInactive: (p) => `Die Domain ${p.domain} ist deaktiviert.`,
  passwordChanged: 'Ihr Passwort wurde geändert. Melden Sie sich mit dem neuen an.',
  wrongCode: 'Der Code ist falsch oder wurde schon verwendet. Geben Sie den nächsten ein, den Ihre App anzeigt.',
  tooManyCodes: (p) =>
    'Es wurden zu viele falsche Codes eingegeben. Versuchen Sie es in ' +
    `${p.minutes === 1 ? 'einer Minute' : `${number(p.minutes)} Minuten`} noch einmal.`,
  factorOn: 'Sie haben schon einen zweiten Faktor. Schalten Sie den zuerst aus.',
  codeRequired: 'Geben Sie den Code ein, den Ihre Authenticator-App anzeigt, oder einen Wiederherstellungscode.',
  factorUnreadable:
    'Das Verzeichnis lässt Sie nicht lesen, was Sie eingerichtet haben; keine Anmeldung könnte danach fragen. ' +
    'Fragen Sie Ihren Administrator.',
  factorOtherKey:
    'Ihr zweiter Faktor wurde mit einem anderen Schlüssel erzeugt, als diese Website hat. Fragen Sie Ihren Administrator.',
  factorByPostmaster: 'Nur ein Postmaster der Domain oder der Administrator darf den zweiten Faktor anderer ausschalten.',
  factorNoEntry: (p) =>
    `${p.name} hat keinen Eintrag im Verzeichnis, der einen zweiten Faktor aufnehmen könnte. Legen Sie ihn zuerst an.`,
  factorNoKey:
    'Sie haben einen zweiten Faktor, aber dieser Website fehlt der Schlüssel, ihn zu prüfen. Fragen Sie Ihren Administrator.',
  factorNotOffered: 'Diese Website bietet keinen zweiten Faktor an. Fragen Sie Ihren Administrator.',

  connectionEnded: 'Die Verbindung zum Verzeichnis ist beendet. Melden Sie sich wieder an, um fortzufahren.',
  noAnswer: (p) => `Das Verzeichnis unter ${p.url} antwortet nicht (${p.reason}). Versuchen Sie es gleich noch einmal.`,
  notAllowed: 'Das Verzeichnis erlaubt Ihnen das nicht. Fragen Sie Ihren Postmaster oder Administrator.',
  entryGone: 'Diesen Eintrag gibt es nicht (mehr). Gehen Sie zurück und laden Sie die Liste neu.',
  entryExists: 'Einen Eintrag mit diesem Namen gibt es schon. Wählen Sie einen anderen Namen.',
  valueRejected: (p) => `Das Verzeichnis lehnt einen Wert ab: ${p.reason}`,
  changedMeanwhile: 'Jemand anders hat dies inzwischen geändert. Laden Sie die Seite neu und prüfen Sie sie.',
  directoryRefuses: (p) =>
    `Das Verzeichnis lehnt ab (${p.reason}). Wenn es wieder geschieht, sagen Sie Ihrem Administrator Bescheid.`,
  schemaUnknown:
    'Das Verzeichnis kennt jammd.schema nicht. Binden Sie diese Datei in seiner Konfiguration ein, unterhalb von jamm.schema.',
  schemaMissing:
    'Dem Verzeichnis fehlt jammd.schema, das dafür nötig ist. ' +
    'Bitten Sie Ihren Administrator, es in der Konfiguration des Servers einzubinden.',
  severalTrees: (p) => `Es gibt mehrere Hosting-Bäume. Wählen Sie einen mit --base: ${p.bases}.`,
  noTree:
    'Das Verzeichnis hat keinen Eintrag o=hosting direkt unter einem Suffix. Nennen Sie den Eintrag über den Domains mit --base.',
  noBase: (p) =>
    `Diese Basis gibt es im Verzeichnis nicht: ${p.base} (${p.reason}). Nennen Sie den Eintrag über den Domains mit --base.`,
  noSuchEntry: 'es hat keinen solchen Eintrag',

  onlySiteAdmin: 'Das darf nur der Administrator. Bitten Sie ihn darum.',
  onlyPostmaster: (p) => `Das darf nur ein Postmaster von ${p.domain}. Bitten Sie ihn darum.`,
  mayNotEditAccounts: (p) =>
    `Der Administrator erlaubt den Postmastern von ${p.domain} nicht, Konten hinzuzufügen, umzubenennen oder zu löschen.`,
  mayNotEditAliases: (p) =>
    `Der Administrator erlaubt den Postmastern von ${p.domain} nicht, Aliasse hinzuzufügen, zu ändern oder zu löschen.`,
  mayNotEditPostmasters: (p) => `Der Administrator erlaubt den Postmastern von ${p.domain} nicht, Postmaster zu ernennen.`,
  mayNotEditCatchAlls: (p) => `Der Administrator erlaubt den Postmastern von ${p.domain} nicht, die Catch-all-Adresse zu ändern.`,
  domainsHidden: 'Nur Postmaster und Administratoren können Domains sehen.',
  onlyOwnAccount: 'Sie können nur Ihr eigenes Konto ändern.',
  onlyOwnForwarding: 'Sie können nur ändern, wohin Ihre eigenen E-Mails gehen.',
  quotaByPostmaster: 'Nur ein Postmaster kann die Quota ändern. Bitten Sie Ihren um mehr Platz.',
  activeByPostmaster: 'Nur ein Postmaster kann Konten aktivieren oder deaktivieren.',
  passwordByPostmaster: 'Nur ein Postmaster der Domain darf die Passwörter anderer ändern.',
  appPasswordsOfOthers:
    'Nur der Inhaber, ein Postmaster der Domain oder der Administrator darf App-Passwörter sehen oder ändern.',
  siteAdminPassword:
    'Administratoren ändern ihr Passwort im Verzeichnisserver: Das des Managers steht als rootpw in dessen Konfiguration.',
  ownAccountGone: 'Ihr Konto gibt es nicht mehr.',
  appPasswordsOfAccounts: 'Nur Konten haben App-Passwörter.',
  wouldLockOut: 'Damit würden Sie sich aussperren. Bitten Sie einen anderen Postmaster darum.',
  renameSelf: 'Sie können Ihr eigenes Konto nicht umbenennen. Bitten Sie einen anderen Postmaster darum.',
  deleteSelf: 'Sie können Ihr eigenes Konto nicht löschen. Bitten Sie einen anderen Postmaster darum.',
  renameOwnAlias: 'Sie können den Alias nicht umbenennen, mit dem Sie angemeldet sind.',
  deleteOwnAlias: 'Sie können den Alias nicht löschen, mit dem Sie angemeldet sind.',
  dismissSelf: 'Sie können sich nicht selbst absetzen. Bitten Sie einen anderen Postmaster darum.',
  addressReserved: (p) =>
    `${p.address} ist reserviert: Jede Domain muss die Adresse haben. Ändern können Sie, wohin ihre E-Mails gehen.`,
  postmasterName: 'Der Alias postmaster behält seinen Namen.',
  formOutOfDate: 'Dieses Formular ist veraltet. Gehen Sie zurück und laden Sie die Seite neu.',
  selectAtMost: (p) => `Wählen Sie höchstens ${number(p.most)} aus.`,

  domainRequired: 'Geben Sie einen Domainnamen ein, zum Beispiel example.com.',
  domainOnly: (p) => `Geben Sie nur den Teil nach dem @ ein: ${p.domain}`,
  domainInvalid: (p) =>
    `„${p.typed}“ ist kein Domainname. Verwenden Sie Buchstaben, Ziffern und Bindestriche, getrennt durch Punkte.`,
  domainIncomplete: (p) => `„${p.typed}“ ist unvollständig. Geben Sie den ganzen Namen ein, zum Beispiel ${p.typed}.example.`,
  domainNumber: (p) => `„${p.typed}“ ist eine Zahl und kein Domainname.`,
  noDomain: (p) => `Eine Domain ${p.domain} gibt es hier nicht. Prüfen Sie die Schreibweise.`,
  domainExists: (p) => `${p.domain} gibt es schon.`,
  domainExistsOrDeleted: (p) =>
    `${p.domain} gibt es schon. Falls sie unter den gelöschten Domains ist, stellen Sie sie dort wieder her.`,
  domainDeleted: 'Diese Domain ist gelöscht. Stellen Sie sie wieder her, bevor Sie etwas hinzufügen.',
  domainInactive: (p) => `Die Domain ${p.domain} ist inaktiv. Der Administrator muss sie zuerst aktivieren.`,
  isDeleted: (p) => `${p.name} ist gelöscht und muss zuerst wiederhergestellt werden.`,
  deleteDomainFirst: (p) => `Löschen Sie ${p.domain} zuerst: Nur gelöschte Domains können endgültig gelöscht werden.`,
  purgeOtherNameFirst: (p) => `${p.other} ist ein anderer Name von ${p.domain}: Löschen Sie zuerst den endgültig.`,
  anotherName: (p) =>
    `${p.domain} ist ein anderer Name von ${p.other} und hat keine eigenen Adressen. Gehen Sie dafür zu ${p.other}.`,
  hasAddresses: (p) => `${p.domain} hat eigene Adressen und kann deshalb nicht zum anderen Namen einer Domain werden.`,
  nameOfItself: 'Eine Domain kann nicht ihr eigener anderer Name sein.',
  nameOfName: (p) => `${p.domain} ist selbst ein anderer Name von ${p.other}: Wählen Sie diese Domain.`,
  transportInvalid: (p) =>
    `„${p.typed}“ ist kein Postfix-Transport. Geben Sie zum Beispiel virtual: oder smtp:[mail.example.com] ein.`,
  limitInvalid: (p) => `„${p.typed}“ ist keine Zahl. Geben Sie zum Beispiel 50 ein oder nichts für „unbegrenzt“.`,
  sumInvalid: (p) => `„${p.typed}“ ist keine Größe. Geben Sie zum Beispiel 20 GB ein.`,
  limitsUnknown: (p) =>
    `Das Verzeichnis zeigt Ihnen nicht alles von ${p.domain}, die Grenzen lassen sich nicht prüfen. Fragen Sie Ihren Administrator.`,
  quotaNeeded: (p) =>
    `Die Quotas von ${p.domain} dürfen zusammen ${size(p.sum)} betragen, davon sind ${size(p.left)} übrig: Geben Sie eine Quota ein.`,
  quotaTooLarge: (p) =>
    `Die Quotas von ${p.domain} dürfen zusammen ${size(p.sum)} betragen, davon sind ${size(p.left)} übrig: ` +
    'Geben Sie eine kleinere Quota ein oder fragen Sie Ihren Administrator.',
  accountsFull: (p) => `${p.domain} darf ${few(p.most, 'nur ein Konto', 'Konten')} haben. Fragen Sie Ihren Administrator.`,
  aliasesFull: (p) => `${p.domain} darf ${few(p.most, 'nur einen Alias', 'Aliasse')} haben. Fragen Sie Ihren Administrator.`,

  otherDomain: (p) => `„${p.typed}“ liegt in einer anderen Domain: Adressen enden hier auf @${p.domain}.`,
  localRequired: 'Geben Sie den Teil vor dem @ ein, zum Beispiel john.',
  localTooLong: (p) => `Der Teil vor dem @ darf höchstens ${number(p.most)} Zeichen haben.`,
  localCharacters: (p) =>
    `„${p.typed}“ enthält Zeichen, die in einer E-Mail-Adresse vor dem @ nicht stehen können. Verwenden Sie a-z, Ziffern und . _ - +`,
  localForbidden: 'Der Teil vor dem @ darf keines dieser Zeichen enthalten: " \\ < > @',
  localDots: 'Punkte dürfen nur zwischen anderen Zeichen stehen: nicht am Anfang, nicht am Ende und nicht doppelt.',
  localReserved: (p) =>
    `${p.local} ist reserviert: Jede Domain hat die Adresse schon als Alias. Bearbeiten Sie stattdessen diesen.`,
  isFurtherAddress: (p) => `${p.holder} hat ${p.address} als weitere Adresse. Wählen Sie eine andere.`,
  isAlias: (p) => `${p.address} ist schon ein Alias. Wählen Sie eine andere Adresse oder löschen Sie zuerst den Alias.`,
  isDeletedAccount: (p) =>
    `${p.address} ist ein gelöschtes Konto. Stellen Sie es wieder her, wenn es für dieselbe Person ist; ` +
    'sonst löschen Sie es zuerst endgültig.',
  isAccount: (p) => `${p.address} ist schon ein Konto. Wählen Sie eine andere Adresse.`,
  noAddress: (p) => `${p.address} gibt es nicht (mehr). Gehen Sie zurück zur Liste und laden Sie sie neu.`,
  aliasNotAccount: (p) => `${p.address} ist ein Alias und kein Konto. Sehen Sie bei den Aliassen nach.`,
  accountNotAlias: (p) => `${p.address} ist ein Konto und kein Alias. Sehen Sie bei den Konten nach.`,
  changedByOther: (p) =>
    `Jemand anders hat ${p.address} geändert, seit Sie diese Seite geöffnet haben. Was gespeichert ist, steht neben Ihren Eingaben: ` +
    'Speichern Sie noch einmal, um es zu ersetzen.',
  deleteFirst: (p) => `Löschen Sie ${p.address} zuerst: Nur gelöschte Konten können endgültig gelöscht werden.`,
  nameTooLong: (p) => `Ein Name darf höchstens ${number(p.most)} Zeichen haben.`,
  nameControl: 'Ein Name darf keine Tabulatoren, Zeilenumbrüche oder anderen Steuerzeichen enthalten.',
  quotaInvalid: (p) =>
    `„${p.typed}“ ist keine Größe. Geben Sie zum Beispiel 500 MB oder 2 GB ein oder lassen Sie das Feld leer für „unbegrenzt“.`,
  quotaRange: (p) => `„${p.typed}“ liegt außerhalb dessen, was eine Quota sein kann.`,
  folderOfDeleted: (p) =>
    `Der Mailordner ${p.folder} gehörte einem gelöschten Konto und enthält vielleicht noch dessen E-Mails. ` +
    'Wählen Sie einen neuen Ordner, oder verwenden Sie diesen weiter, wenn er für dieselbe Person ist.',
  foldersTaken: (p) => `${number(p.count)} Mailordner wie ${p.folder} sind vergeben. Wählen Sie eine andere Adresse.`,

  destinationRequired: 'Geben Sie mindestens eine Zieladresse ein.',
  destinationsAtMost: (p) => `Ein Alias kann höchstens ${number(p.most)} Ziele haben.`,
  destinationInvalid: (p) => `Ziel „${p.typed}“: ${p.reason}`,
  destinationIncomplete: 'Das ist keine Adresse. Geben Sie sie ganz ein, mit dem @.',
  catchAllExists: (p) => `${p.domain} hat schon eine Catch-all-Adresse. Ändern Sie stattdessen diese.`,
  notDestination: (p) => `${p.typed} ist kein Ziel von ${p.address}.`,
  lastDestination: 'Ein Ziel muss bleiben, sonst gingen E-Mails an diese Adresse verloren. Fügen Sie zuerst ein anderes hinzu.',
  onlyToItself: 'Ein Alias kann nicht nur an sich selbst zustellen. Fügen Sie ein anderes Ziel hinzu.',
  forwardIncomplete: (p) => `„${p.typed}“ ist keine Adresse. Geben Sie sie ganz ein, mit dem @.`,
  forwardToItself: (p) =>
    `${p.address} ist dieses Konto selbst. Wenn die E-Mails auch hier bleiben sollen, wählen Sie aus, eine Kopie zu behalten.`,
  forwardsAtMost: (p) => `E-Mails können an höchstens ${number(p.most)} Adressen weitergeleitet werden.`,
  notSender: (p) => `${p.typed} gehört nicht zu den Absendern von ${p.address}.`,
  sendersAtMost: (p) =>
    `Eine Adresse kann höchstens ${number(p.most)} Absender haben. Machen Sie sie stattdessen zu einem Alias für alle diese.`,
  senderIncomplete: (p) => `„${p.typed}“ ist nicht die Adresse eines Kontos.`,
  senderNoAccount: (p) => `${p.typed} ist hier kein Konto. Nur Konten melden sich zum Senden an.`,
  toDeletedDomain: (p) => `${p.address} liegt in einer gelöschten Domain: E-Mails dorthin werden abgewiesen.`,
  toInactiveDomain: (p) => `${p.address} liegt in einer inaktiven Domain: E-Mails dorthin werden abgewiesen.`,
  toNobody: (p) => `${p.address} gibt es hier nicht: E-Mails dorthin werden abgewiesen.`,
  toDeleted: (p) => `${p.address} ist gelöscht: E-Mails dorthin werden abgewiesen.`,
  toInactive: (p) => `${p.address} ist inaktiv: E-Mails dorthin werden abgewiesen.`,
  loop: (p) => `E-Mails an ${p.address} gehen im Kreis: ${p.way}.`,

  passwordRequired: 'Geben Sie ein neues Passwort ein.',
  passwordTooShort: (p) => `Dieses Passwort ist zu kurz. Verwenden Sie mindestens ${number(p.least)} Zeichen.`,
  passwordTooLong: (p) => `Dieses Passwort ist zu lang. Verwenden Sie höchstens ${number(p.most)} Bytes.`,
  passwordControl: 'Ein Passwort darf keine Tabulatoren, Zeilenumbrüche oder anderen Steuerzeichen enthalten.',
  passwordsDiffer: 'Die beiden Passwörter sind verschieden. Geben Sie zweimal dasselbe ein.',
  oldRequired: 'Geben Sie Ihr jetziges Passwort ein, damit es niemand anders in Ihrer Abwesenheit ändern kann.',
  oldRequiredForThis: 'Geben Sie Ihr jetziges Passwort ein, damit das niemand anders in Ihrer Abwesenheit tun kann.',
  oldWrong: 'Das jetzige Passwort ist falsch. Versuchen Sie es noch einmal.',
  oldIsAppPassword: 'Das ist ein App-Passwort. Geben Sie das Passwort ein, mit dem Sie sich hier anmelden.',
  appPasswordsLost:
    'Das neue Passwort ist gesetzt, aber die App-Passwörter konnten nicht erhalten werden. ' +
    'Erstellen Sie neue für Ihre E-Mail-Programme.',
  appPasswordExists: (p) =>
    `Ein App-Passwort „${p.label}“ gibt es schon. Wählen Sie einen anderen Namen oder widerrufen Sie zuerst das vorhandene.`,
  appPasswordsAtMost: (p) => `Ein Konto kann höchstens ${number(p.most)} App-Passwörter haben. Widerrufen Sie zuerst eines.`,
  noAppPassword: 'Dieses App-Passwort gibt es nicht (mehr). Laden Sie die Liste neu.',
  daysInvalid: (p) => `Geben Sie eine Anzahl von Tagen von 1 bis ${number(p.most)} ein oder nichts für „unbefristet“.`,
  labelRequired: 'Geben Sie ein, wofür das Passwort ist, zum Beispiel „Handy“.',
  tokensAtMost: (p) => `Eine Domain kann höchstens ${number(p.most)} Tokens haben. Widerrufen Sie zuerst eines.`,
  noToken: 'Dieses Token gibt es nicht (mehr).',
  tokenExpired: 'Dieses Token ist abgelaufen. Erstellen Sie ein neues.',
  scopeUnknown: (p) => `„${p.typed}“ ist kein Geltungsbereich. Wählen Sie aus ${p.scopes}.`,

  csvTooLarge: (p) => `Das sind mehr als ${number(p.megabytes)} MB. Teilen Sie es auf mehrere Dateien auf.`,
  csvEmpty: (p) => `Es ist leer. Geben Sie einen Eintrag je Zeile ein: ${p.example}.`,
  csvOnlyHeads: 'Es gibt Spaltennamen, aber nichts darunter.',
  csvTooMany: (p) => `Das sind mehr als ${number(p.most)} Zeilen. Teilen Sie sie auf mehrere Dateien auf.`,
  csvQuote: (p) => `Das Anführungszeichen aus Zeile ${number(p.line)} wird nie geschlossen.`,
  csvRepeated: (p) => `${p.address} steht schon in Zeile ${number(p.line)}.`,
  exportIncomplete: 'Das Verzeichnis zeigt Ihnen nicht alles, deshalb ist kein Export möglich. Fragen Sie Ihren Administrator.',
  csvSkipped: 'Diese Zeile wurde übersprungen.',
  noMailHome: (p) => `Den Ordner ${p.folder} gibt es nicht. Nennen Sie den Ordner aller E-Mails mit --mail-home.`,
  foldersUnknown:
    'Das Verzeichnis zeigt nicht alle Konten, deshalb ist nicht bekannt, welche Ordner benutzt werden. Melden Sie sich als Manager an.',
  folderReplaced: (p) => `${p.folder} wurde ersetzt, während er entfernt wurde. Sehen Sie sich ${p.moved} an.`,
};
