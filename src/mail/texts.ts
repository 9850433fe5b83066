/** What the use cases tell people, in English: what commands and the API say, and what the pages' catalogue translates. */

import { serviceTexts } from './service-texts.js';

export const mailTexts = {
  ...serviceTexts,
  wrongLogin: 'Login name or password is wrong. Check both and try again.',
  connectionEnded: 'The connection to the directory has ended. Log in again to continue.',
};
