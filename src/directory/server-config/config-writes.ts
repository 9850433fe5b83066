/** Add, modify, delete and rename of entries of cn=config: the tree that comes of it. What the server makes of that is not known here. */
import { Privilege, writePrivilege, type AccessEvaluator } from '../../access/model.js';
import { textOf, withoutNumber, type CnConfigEntry } from '../../config/cn-config/entry.js';
import { removeChild, replaceEntry } from '../../config/cn-config/tree.js';
import type { DN, Rdn } from '../../dn/dn.js';
import { ndnIsWithin, ndnParent } from '../../dn/normalized.js';
import type { EntryDraft } from '../../entry/draft.js';
import type { EntryRecord } from '../../entry/record.js';
import type { ControlType } from '../../ldap/control.js';
import type { Response } from '../../ldap/response.js';
import { LdapError, ResultCode, success } from '../../ldap/result.js';
import { demandChange } from '../operations/change-access.js';
import type { CheckedAttribute } from '../operations/attribute-values.js';
import { applyModifications, type CheckedModification } from '../operations/modifications.js';
import { assembleEntry } from '../operations/new-entry.js';
import { demand, type OperationContext } from '../operations/operation.js';
import { stampModified, stampNew } from '../rules/operational.js';
import { checkEntry, objectClassesOf, structuralClassOf, wellKnownOf } from '../rules/schema-check.js';
import { transientRecord } from '../server-entries/virtual-entry.js';
import { configNdn, draftOf, type ConfigTree, type ConfigurationChanges } from './config-tree.js';
import { placeNew, renumberedTo } from '../../config/cn-config/entry-numbers.js';

/** Controls that would be promised and not kept here. */
const unheeded: readonly ControlType[] = ['noOp', 'assertion', 'preRead', 'postRead'];

export function isServerConfig({ directory }: OperationContext, dn: DN): boolean {
  return directory.configuration !== undefined && ndnIsWithin(dn.normalized, configNdn);
}

/** Throws what forbids any write; answers the way to change the tree. */
function changesOf(operation: OperationContext): ConfigurationChanges {
  operation.checkAllowed(undefined);
  const control = unheeded.find((type) => operation.controls.has(type));
  if (control !== undefined) throw refused(`the control ${control} is not supported in cn=config`);
  if (operation.queued) throw refused('cn=config takes no part in transactions');
  return operation.directory.configuration!;
}

export async function modifyServerConfig(
  operation: OperationContext,
  dn: DN,
  changes: readonly CheckedModification[],
): Promise<Response> {
  await changesOf(operation).change((tree) => {
    const { record, source, access } = target(operation, tree, dn);
    for (const change of changes) demandChange(access, record, change);
    const { schema } = operation;
    const naming = dn.rdn?.avas.map(({ type }) => type) ?? [];
    if (changes.some(({ description }) => naming.includes(description.type))) {
      throw new LdapError(ResultCode.notAllowedOnRDN, 'Use modrdn to change the entry name');
    }
    const draft = draftOf(source, schema);
    const classes = objectClassesOf(draft, schema);
    applyModifications(draft, changes, operation.controls.has('permissiveModify'));
    const { objectClass } = wellKnownOf(schema);
    const changed = new Set(draft.values(objectClass).length === 0 ? [] : objectClassesOf(draft, schema));
    if (changed.size !== classes.length || !classes.every((one) => changed.has(one))) {
      throw refused('objectclass modification disallowed');
    }
    checkEntry(draft, schema, { formerStructural: structuralClassOf(classes) });
    stampModified(draft, changes, stampOf(operation), schema);
    return replaceEntry(tree.root, source, { ...source, attributes: attributesOf(draft) });
  });
  return success;
}

export async function addServerConfig(
  operation: OperationContext,
  dn: DN,
  given: readonly CheckedAttribute[],
): Promise<Response> {
  await changesOf(operation).change((tree) => {
    const { schema } = operation;
    const access = accessOf(operation, dn);
    const draft = assembleEntry(dn, withoutOtherNumber(dn, given), schema);
    applyModifications(
      draft,
      [...draft.attributes.values()].map(({ description, values }) => ({
        operation: 'replace',
        description,
        values: [...values],
      })),
    );
    const record = transientRecord(draft, schema);
    demand(access, record, 'entry', Privilege.add, 'no write access to entry');
    const structural = checkEntry(draft, schema);
    // As slapd, which keeps what it defines itself here: a tree may be loaded again.
    if (dn.normalized === 'cn=schema,cn=config' && tree.entry(dn.normalized)) return tree.root;
    const above = dn.parent?.normalized ?? '';
    const parent = tree.source(above);
    const parentRecord = tree.entry(above);
    if (!parent || !parentRecord) throw absent(tree, above, accessOf(operation, dn));
    demand(access, parentRecord, 'children', Privilege.add, 'no write access to parent');
    stampNew(draft, structural, stampOf(operation), schema, true);
    const name = `${dn.rdn!.toString()},${parent.name}`;
    const entry: CnConfigEntry = { name, attributes: attributesOf(draft), children: [] };
    const kind = { lineage: structural.lineage.map((one) => one.name), exists: tree.entry(dn.normalized) !== undefined };
    return replaceEntry(tree.root, parent, placeNew(parent, entry, kind, operation.controls.has('manageDsaIT')));
  });
  return success;
}

/** As slapd: `olcOverlay: unique` is the value of `olcOverlay={0}unique`; the name's number counts. */
function withoutOtherNumber(dn: DN, given: readonly CheckedAttribute[]): readonly CheckedAttribute[] {
  const naming = dn.rdn?.avas[0];
  if (!naming || !/^olc(?:Database|Overlay|Backend)$/.test(naming.type.name)) return given;
  const bare = (value: Buffer): string => withoutNumber(value.toString()).toLowerCase();
  const isNaming = ({ description, values }: CheckedAttribute): boolean =>
    description.type === naming.type && values.every((value) => bare(value) === bare(naming.value));
  return given.filter((attribute) => !isNaming(attribute));
}

export async function deleteServerConfig(operation: OperationContext, dn: DN): Promise<Response> {
  await changesOf(operation).change((tree) => {
    const { record, source, parent, access } = target(operation, tree, dn);
    demand(access, record, 'entry', Privilege.delete, 'no write access to entry');
    if (source.children.length > 0) {
      throw new LdapError(ResultCode.notAllowedOnNonLeaf, 'subordinate objects must be deleted first');
    }
    const type = withoutNumber(textOf(source, 'olcdatabase') ?? '').toLowerCase();
    if (type === 'frontend' || type === 'config') throw refused('Cannot delete config or frontend database');
    if (!parent || (type === '' && !source.attributes.has('olcoverlay'))) {
      throw refused('only databases and overlays can be deleted from cn=config');
    }
    return replaceEntry(tree.root, parent, removeChild(parent, source));
  });
  return success;
}

export async function renameServerConfig(
  operation: OperationContext,
  dn: DN,
  newRdn: Rdn,
  newSuperior: DN | undefined,
): Promise<Response> {
  await changesOf(operation).change((tree) => {
    const { record, source, parent, access } = target(operation, tree, dn);
    demand(access, record, 'entry', writePrivilege, 'no write access to entry');
    if (newSuperior || !parent) throw refused('entries of cn=config stay where they are');
    if (newRdn.normalized === dn.rdn!.normalized) return tree.root;
    return replaceEntry(tree.root, parent, renumberedTo(parent, source, newRdn.toString()));
  });
  return success;
}

interface Target {
  readonly record: EntryRecord;
  readonly source: CnConfigEntry;
  readonly parent: CnConfigEntry | undefined;
  readonly access: AccessEvaluator;
}

/** Throws 32. */
function target(operation: OperationContext, tree: ConfigTree, dn: DN): Target {
  const access = accessOf(operation, dn);
  const record = tree.entry(dn.normalized);
  const source = tree.source(dn.normalized);
  if (!record || !source) throw absent(tree, dn.normalized, access);
  return { record, source, parent: dn.parent && tree.source(dn.parent.normalized), access };
}

function accessOf({ directory, subject }: OperationContext, dn: DN): AccessEvaluator {
  return directory.virtualEvaluator(subject, dn.normalized);
}

function absent(tree: ConfigTree, ndn: string, access: AccessEvaluator): LdapError {
  let above: string | undefined = ndn;
  while (above !== undefined && !tree.entry(above)) above = above === '' ? undefined : ndnParent(above);
  const nearest = above === undefined ? undefined : tree.entry(above);
  const matchedDN = nearest && access.allows(nearest, 'entry', Privilege.disclose) ? nearest.dn : undefined;
  return new LdapError(ResultCode.noSuchObject, '', matchedDN === undefined ? undefined : { matchedDN });
}

function stampOf({ directory, subject }: OperationContext): ReturnType<OperationContext['directory']['changeStamp']> {
  return directory.changeStamp(subject.dn);
}

function attributesOf(draft: EntryDraft): CnConfigEntry['attributes'] {
  return new Map(
    [...draft.attributes.values()].map(({ description, values }) => [
      description.key,
      { type: description.text, values: [...values] },
    ]),
  );
}

function refused(why: string): LdapError {
  return new LdapError(ResultCode.unwillingToPerform, why);
}
