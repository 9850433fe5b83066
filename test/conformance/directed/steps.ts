/** Short ways to write the steps of a directed group. */
import type { Attributes, Bytes, Change, Operation, Scope, WireControl } from '../../support/wire/operation.js';
import type { Asker, Step } from '../contestant.js';

type Options = Omit<Step, 'operation'> & { readonly controls?: readonly WireControl[] };

function step(operation: Operation, { controls, ...options }: Options = {}): Step {
  return { ...options, operation: controls === undefined ? operation : { ...operation, controls } };
}

export const by = (as: Asker, steps: readonly Step[]): Step[] => steps.map((one) => ({ ...one, as }));

export const bind = (name: Bytes, password: Bytes, options: Options & { version?: number } = {}): Step => {
  const { version, ...rest } = options;
  return step({ op: 'bind', name, password, ...(version === undefined ? {} : { version }) }, rest);
};

export const add = (entry: Bytes, attributes: Attributes | readonly (readonly [string, ...Bytes[]])[], options?: Options): Step =>
  step({ op: 'add', entry, attributes }, options);

export const modify = (entry: Bytes, changes: readonly Change[], options?: Options): Step =>
  step({ op: 'modify', entry, changes }, options);

export const remove = (entry: Bytes, options?: Options): Step => step({ op: 'delete', entry }, options);

export const compare = (entry: Bytes, attribute: string, value: Bytes, options?: Options): Step =>
  step({ op: 'compare', entry, attribute, value }, options);

export const rename = (
  entry: Bytes,
  newRDN: Bytes,
  { deleteOldRDN, newSuperior, ...options }: Options & { deleteOldRDN?: boolean; newSuperior?: Bytes } = {},
): Step =>
  step(
    {
      op: 'modifyDN',
      entry,
      newRDN,
      ...(deleteOldRDN === undefined ? {} : { deleteOldRDN }),
      ...(newSuperior === undefined ? {} : { newSuperior }),
    },
    options,
  );

export interface SearchOptions extends Options {
  readonly scope?: Scope | number;
  readonly attributes?: readonly string[];
  readonly sizeLimit?: number;
  readonly timeLimit?: number;
  readonly typesOnly?: boolean;
  readonly deref?: number;
}

export const search = (base: Bytes, filter: string, options: SearchOptions = {}): Step => {
  const { scope, attributes, sizeLimit, timeLimit, typesOnly, deref, ...rest } = options;
  const fields = { scope, attributes, sizeLimit, timeLimit, typesOnly, deref };
  const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  return step({ op: 'search', base, filter, ...given }, rest);
};

/** The entry itself, with the attributes asked for (default: all user attributes). */
export const read = (dn: Bytes, attributes?: readonly string[], options: Options = {}): Step =>
  search(dn, '(objectClass=*)', { ...options, ...(attributes === undefined ? {} : { attributes }) });

export const extended = (oid: string, value?: Bytes, options?: Options): Step =>
  step(value === undefined ? { op: 'extended', oid } : { op: 'extended', oid, value }, options);

export const passwordModify = (fields: { user?: Bytes; old?: Bytes; new?: Bytes }, options?: Options): Step =>
  step({ op: 'passwordModify', ...fields }, options);

export const whoAmI = (options?: Options): Step => extended('1.3.6.1.4.1.4203.1.11.3', undefined, options);

/** A JammMailAccount with everything it must have; `fields` replaces or (with an empty list) drops attributes. */
export function accountAttributes(fields: Attributes = {}): Attributes {
  return withoutEmpty({
    objectClass: ['top', 'JammMailAccount'],
    homeDirectory: ['/home/vmail/domains'],
    mailbox: ['box/'],
    accountActive: ['TRUE'],
    lastChange: ['1020000000'],
    delete: ['FALSE'],
    ...fields,
  });
}

export function domainAttributes(fields: Attributes = {}): Attributes {
  return withoutEmpty({
    objectClass: ['top', 'JammVirtualDomain'],
    accountActive: ['TRUE'],
    lastChange: ['1'],
    delete: ['FALSE'],
    editAccounts: ['TRUE'],
    editPostmasters: ['TRUE'],
    ...fields,
  });
}

export const unit = (fields: Attributes = {}): Attributes => ({ objectClass: ['organizationalUnit'], ...fields });

export const person = (fields: Attributes = {}): Attributes =>
  withoutEmpty({ objectClass: ['inetOrgPerson'], sn: ['Surname'], ...fields });

function withoutEmpty(attributes: Attributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, values]) => values.length > 0));
}
