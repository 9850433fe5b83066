/** Which controls an operation honours, and what happens to the others (RFC 4511 section 4.1.11). */
import type { Control, ControlType } from '../../ldap/control.js';
import { LdapError, ResultCode } from '../../ldap/result.js';

export class OperationControls {
  static readonly none = new OperationControls([], new Set());
  readonly #controls: readonly Control[];

  /**
   * Throws 12 for a critical control that `honoured` does not list, and 2 for one given twice. Others that it does not
   * list are as if they had not been sent.
   */
  constructor(controls: readonly Control[], honoured: ReadonlySet<ControlType>) {
    this.#controls = controls.filter((control) => isHonoured(control, honoured));
    const types = new Set(this.#controls.map((control) => control.type));
    if (types.size !== this.#controls.length) {
      throw new LdapError(ResultCode.protocolError, 'a control is given more than once');
    }
  }

  get<T extends ControlType>(type: T): Extract<Control, { type: T }> | undefined {
    for (const control of this.#controls) {
      if (control.type === type) return control as Extract<Control, { type: T }>;
    }
    return undefined;
  }

  has(type: ControlType): boolean {
    return this.get(type) !== undefined;
  }
}

function isHonoured(control: Control, honoured: ReadonlySet<ControlType>): boolean {
  if (honoured.has(control.type)) return true;
  if (!control.critical) return false;
  const what = control.type === 'unknown' ? control.oid : control.type;
  throw new LdapError(ResultCode.unavailableCriticalExtension, `critical control ${what} is not recognized here`);
}

export const honouredControls = {
  bind: new Set<ControlType>(['manageDsaIT', 'passwordPolicy']),
  search: new Set<ControlType>([
    'manageDsaIT',
    'pagedResults',
    'matchedValues',
    'assertion',
    'proxiedAuthorization',
    'subentries',
    'domainScope',
    'searchOptions',
    'dontUseCopy',
    'noOp',
    'serverSideSort',
    'virtualListView',
    'dereference',
    'valueSort',
    'syncRequest',
    'accountUsability',
  ]),
  compare: new Set<ControlType>(['manageDsaIT', 'assertion', 'proxiedAuthorization', 'dontUseCopy', 'noOp', 'passwordPolicy']),
  add: new Set<ControlType>([
    'manageDsaIT',
    'assertion',
    'postRead',
    'proxiedAuthorization',
    'relax',
    'noOp',
    'transactionSpecification',
    'passwordPolicy',
  ]),
  modify: new Set<ControlType>([
    'manageDsaIT',
    'assertion',
    'preRead',
    'postRead',
    'proxiedAuthorization',
    'relax',
    'permissiveModify',
    'noOp',
    'transactionSpecification',
    'passwordPolicy',
  ]),
  modifyDN: new Set<ControlType>([
    'manageDsaIT',
    'assertion',
    'preRead',
    'postRead',
    'proxiedAuthorization',
    'relax',
    'noOp',
    'transactionSpecification',
  ]),
  delete: new Set<ControlType>([
    'manageDsaIT',
    'assertion',
    'preRead',
    'proxiedAuthorization',
    'relax',
    'noOp',
    'transactionSpecification',
  ]),
  extended: new Set<ControlType>(['manageDsaIT', 'proxiedAuthorization', 'passwordPolicy']),
  /** Of an extended operation that there is none of, a critical control is told before that. */
  unknownExtended: new Set<ControlType>(),
} as const;
