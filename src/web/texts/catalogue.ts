/** The catalogue: the texts of the pages in all languages. */
import { de } from './de.js';
import { en, type Texts } from './en.js';
import { es } from './es.js';
import { fr } from './fr.js';
import type { Language } from './languages.js';

export const catalogue: Readonly<Record<Language, Texts>> = { en, de, fr, es };
