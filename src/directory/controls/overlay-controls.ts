/** Controls that a search honours where an overlay of its database does. */
import type { ControlType } from '../../ldap/control.js';
import { LdapError, ResultCode } from '../../ldap/result.js';
import type { Database } from '../database.js';
import type { OperationControls } from './controls.js';

const ofOverlays: readonly ControlType[] = ['valueSort', 'dereference'];

/** Throws 12 for a critical one that the database does not honour; undefined: the server's own entries. */
export function checkOverlayControls(controls: OperationControls, database: Database | undefined): void {
  for (const type of ofOverlays) {
    if (!controls.get(type)?.critical || database?.honours(type)) continue;
    throw new LdapError(ResultCode.unavailableCriticalExtension, `critical control ${type} is not honoured here`);
  }
}
