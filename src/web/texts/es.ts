/** Spanish. */
import * as frame from './es/frame.js';
import { mail } from './es/mail.js';
import type { Texts } from './en.js';
import { formatsOf } from './formats.js';
import { saidIn } from './said.js';

export const es = { language: 'es', format: formatsOf('es'), ...frame, mail, said: saidIn(mail) } satisfies Texts;
