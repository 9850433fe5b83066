/** English: the source of the catalogue. The other languages have the same keys, or they do not compile. */
import { mailTexts } from '../../mail/texts.js';
import * as activity from './en/activity.js';
import * as frame from './en/frame.js';
import * as people from './en/people.js';
import * as qrCode from './en/qr-code.js';
import * as tokens from './en/tokens.js';
import * as transfer from './en/transfer.js';
import * as services from './en/services.js';
import { formatsOf } from './formats.js';
import type { Language } from './languages.js';
import { saidIn } from './said.js';

export const en = {
  language: 'en' as Language,
  format: formatsOf('en'),
  ...frame,
  ...people,
  ...qrCode,
  ...tokens,
  ...transfer,
  ...services,
  ...activity,
  mail: mailTexts,
  said: saidIn(mailTexts),
};

/** All texts of the pages in one language. */
export type Texts = typeof en;
