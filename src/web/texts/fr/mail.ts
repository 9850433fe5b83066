/** French: what the use cases tell people. */
import type { MailTexts } from '../../../mail/told.js';
import { services } from './mail-services.js';

export const mail: MailTexts = {
  ...services,
  wrongLogin: 'Identifiant ou mot de passe incorrect. Vérifiez-les et réessayez.',
  connectionEnded: 'La connexion à l’annuaire est terminée. Reconnectez-vous pour continuer.',
};
