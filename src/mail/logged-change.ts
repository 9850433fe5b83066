/** A change that a server's log tells of, whatever the log. Never a value. */

export const changeKinds = ['added', 'changed', 'renamed', 'deleted', 'password'] as const;
export type ChangeKind = (typeof changeKinds)[number];

export interface LoggedChange {
  readonly at: Date;
  /** The DN of who did it; undefined for nobody who is known. */
  readonly who: string | undefined;
  /** Where from, as the server names it. */
  readonly from: string | undefined;
  readonly dn: string;
  /** Of an entry that was renamed. */
  readonly newDn: string | undefined;
  readonly kind: ChangeKind;
  /** Their names. */
  readonly attributes: readonly string[];
  /** It was not allowed, so nothing was changed. */
  readonly refused: boolean;
}

export interface ChangeLog {
  /** Newest first. */
  changes(): AsyncGenerator<LoggedChange>;
  /** Older changes were not looked at. */
  readonly cut: boolean;
}

/** What every change does along with it. */
const companions: ReadonlySet<string> = new Set([
  ...['lastchange', 'objectclass', 'structuralobjectclass', 'entrycsn', 'entryuuid', 'pwdchangedtime', 'pwdhistory'],
  ...['modifiersname', 'modifytimestamp', 'creatorsname', 'createtimestamp'],
]);

/** The kind and the attributes that matter, of a change to these. Undefined if none does: it only notes that there was another. */
export function meaningOf(kind: ChangeKind, names: readonly string[]): Pick<LoggedChange, 'kind' | 'attributes'> | undefined {
  const attributes = [...new Set(names)].filter((name) => !companions.has(name.toLowerCase()));
  if (kind !== 'changed' || names.length === 0) return { kind, attributes };
  if (attributes.length === 0) return undefined;
  const isPassword = attributes.every((name) => /^userPassword$/i.test(name));
  return isPassword ? { kind: 'password', attributes: [] } : { kind, attributes };
}
