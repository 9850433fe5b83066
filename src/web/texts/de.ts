/** German. */
import * as frame from './de/frame.js';
import { mail } from './de/mail.js';
import type { Texts } from './en.js';
import { formatsOf } from './formats.js';
import { saidIn } from './said.js';

export const de = { language: 'de', format: formatsOf('de'), ...frame, mail, said: saidIn(mail) } satisfies Texts;
