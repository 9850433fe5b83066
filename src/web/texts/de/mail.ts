/** German: what the use cases tell people. */
import type { MailTexts } from '../../../mail/told.js';
import { services } from './mail-services.js';

export const mail: MailTexts = {
  ...services,
  wrongLogin: 'Anmeldename oder Passwort ist falsch. Prüfen Sie beides und versuchen Sie es noch einmal.',
  connectionEnded: 'Die Verbindung zum Verzeichnis ist beendet. Melden Sie sich wieder an, um fortzufahren.',
};
