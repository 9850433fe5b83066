/** What the use cases tell, in the words of a language. */
import { MailError } from '../../mail/errors.js';
import { inWords, type MailTexts, type Told } from '../../mail/told.js';

export type Said = (what: MailError | Told) => string;

export function saidIn(texts: MailTexts): Said {
  return (what) => {
    if (!(what instanceof MailError)) return inWords(texts, what);
    return what.told === undefined ? what.message : inWords(texts, what.told);
  };
}
