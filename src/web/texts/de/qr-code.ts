/** German: the QR code of a second factor. */
import type * as source from '../en/qr-code.js';

export const qrCode: typeof source.qrCode = {
  scan: 'Scannen Sie diesen Code mit einer Authenticator-App auf Ihrem Telefon.',
  label: 'QR-Code mit dem Schlüssel darunter',
};
