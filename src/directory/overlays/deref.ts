/** `deref`: searches of the database honour the Dereference control; controls/dereference.ts has what it does. */
import type { ControlType } from '../../ldap/control.js';
import type { Overlay } from './overlay.js';

export class DerefOverlay implements Overlay {
  readonly name = 'deref';
  readonly searchControls: ReadonlySet<ControlType> = new Set(['dereference']);
}
