/** French. */
import * as activity from './fr/activity.js';
import * as frame from './fr/frame.js';
import * as people from './fr/people.js';
import * as qrCode from './fr/qr-code.js';
import * as tokens from './fr/tokens.js';
import * as transfer from './fr/transfer.js';
import { mail } from './fr/mail.js';
import * as services from './fr/services.js';
import type { Texts } from './en.js';
import { formatsOf } from './formats.js';
import { saidIn } from './said.js';

export const fr = {
  language: 'fr',
  format: formatsOf('fr'),
  ...frame,
  ...people,
  ...services,
  ...activity,
  ...qrCode,
  ...tokens,
  ...transfer,
  mail,
  said: saidIn(mail),
} satisfies Texts;
