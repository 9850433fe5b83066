/** French. */
import * as frame from './fr/frame.js';
import { mail } from './fr/mail.js';
import type { Texts } from './en.js';
import { formatsOf } from './formats.js';
import { saidIn } from './said.js';

export const fr = { language: 'fr', format: formatsOf('fr'), ...frame, mail, said: saidIn(mail) } satisfies Texts;
