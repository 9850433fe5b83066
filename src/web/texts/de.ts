/** German. */
import * as activity from './de/activity.js';
import * as frame from './de/frame.js';
import * as people from './de/people.js';
import * as qrCode from './de/qr-code.js';
import * as tokens from './de/tokens.js';
import * as transfer from './de/transfer.js';
import { mail } from './de/mail.js';
import * as services from './de/services.js';
import type { Texts } from './en.js';
import { formatsOf } from './formats.js';
import { saidIn } from './said.js';

export const de = {
  language: 'de',
  format: formatsOf('de'),
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
