/** Spanish: the QR code of a second factor. */
import type * as source from '../en/qr-code.js';

export const qrCode: typeof source.qrCode = {
  scan: 'Escanee este código con una aplicación de autenticación en su teléfono.',
  label: 'Código QR con la clave de abajo',
};
