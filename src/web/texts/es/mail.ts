/** Spanish: what the use cases tell people. */
import type { MailTexts } from '../../../mail/told.js';

export const mail: MailTexts = {
  wrongLogin: 'El nombre de usuario o la contraseña no son correctos. Compruébelos e inténtelo de nuevo.',
  connectionEnded: 'La conexión con el directorio ha terminado. Inicie sesión de nuevo para continuar.',
};
