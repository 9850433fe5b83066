/** The texts of the page that is being rendered, for its components. */
import { createContext, useContext } from 'hono/jsx';
import { en, type Texts } from '../texts/en.js';

export const TextsContext = createContext<Texts>(en);

export function useTexts(): Texts {
  return useContext(TextsContext);
}
