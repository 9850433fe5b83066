/** French: the QR code of a second factor. */
import type * as source from '../en/qr-code.js';

export const qrCode: typeof source.qrCode = {
  scan: 'Scannez ce code avec une application d’authentification sur votre téléphone.',
  label: 'Code QR contenant la clé ci-dessous',
};
