/** What an operation answers (RFC 4511): a result, and what some operations add to it. */
import type { ResponseControl } from './control.js';
import type { LdapResult } from './result.js';

export interface Response extends LdapResult {
  readonly controls?: readonly ResponseControl[];
}

export interface BindResponse extends Response {
  readonly serverSaslCredentials?: Buffer;
}

export interface ExtendedResponse extends Response {
  readonly responseName?: string;
  readonly responseValue?: Buffer;
}
