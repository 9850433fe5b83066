/** `overlay deref`: searches of the database honour the Dereference control. */
import { defineOverlay } from './definition.js';

export const derefOverlay = defineOverlay<undefined>({
  name: 'deref',
  // slapd has none of its own: the overlay has no options.
  olcClass: 'olcOverlayConfig',
  repeatable: false,
  options: [],
  begin: () => undefined,
  finish: () => ({ kind: 'deref' }),
});
