/** Spanish: what the use cases tell people. */
import type { MailTexts } from '../../../mail/told.js';
import { services } from './mail-services.js';

export const mail: MailTexts = {
  ...services,
  wrongLogin: 'El nombre de usuario o la contraseña no son correctos. Compruébelos e inténtelo de nuevo.',
  connectionEnded: 'La conexión con el directorio ha terminado. Inicie sesión de nuevo para continuar.',
};
