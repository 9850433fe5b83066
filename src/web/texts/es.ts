/** Spanish. */
import * as activity from './es/activity.js';
import * as frame from './es/frame.js';
import * as people from './es/people.js';
import * as qrCode from './es/qr-code.js';
import * as tokens from './es/tokens.js';
import * as transfer from './es/transfer.js';
import { mail } from './es/mail.js';
import * as services from './es/services.js';
import type { Texts } from './en.js';
import { formatsOf } from './formats.js';
import { saidIn } from './said.js';

export const es = {
  language: 'es',
  format: formatsOf('es'),
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
