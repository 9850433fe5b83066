/** What a bind ends with, whichever method it used. */
import type { BindResponse } from '../../ldap/response.js';
import type { Identity } from '../session-context.js';

export interface BindOutcome {
  readonly identity: Identity;
  readonly response: BindResponse;
  /** Nothing but a change of the password is allowed from now on. */
  readonly mustChangePassword?: boolean;
  /** No change is allowed from now on. */
  readonly isReadOnly?: boolean;
}
