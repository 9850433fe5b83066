/** The QR code of a second factor. */

export const qrCode = {
  scan: 'Scan this with an authenticator app on your phone.',
  label: 'QR code with the key below',
};
