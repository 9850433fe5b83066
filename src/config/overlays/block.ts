/** One overlay of a database, while its lines are read. */
import type { Directive } from '../directive.js';
import type { Place } from '../place.js';
import type { OverlaySettings } from './settings.js';

export interface OverlayBlock extends Place {
  readonly name: string;
  /** False if the directive does not belong to the overlay. Throws ConfigError. */
  readOption(directive: Directive): boolean;
  /** After the last line of the configuration. Undefined: the overlay has nothing to do. */
  finish(): OverlaySettings | undefined;
}
