/** The modify DN operation (RFC 4511 section 4.9): an entry, with all below it, gets a new name or place. */
import { Privilege, writePrivilege, type AccessEvaluator } from '../../access/model.js';
import type { DN } from '../../dn/dn.js';
import { Rdn } from '../../dn/dn.js';
import type { EntryDraft } from '../../entry/draft.js';
import { ndnParent } from '../../dn/normalized.js';
import { RecordFlag, type EntryRecord } from '../../entry/record.js';
import { sealRenamed } from '../../entry/sealed-entry.js';
import type { ModifyDNRequest } from '../../ldap/request.js';
import { LdapError, ResultCode, success } from '../../ldap/result.js';
import type { ExclusiveTransaction, Transaction } from '../../store/model.js';
import { valueKey } from './attribute-values.js';
import type { Database } from '../database.js';
import type { Response } from '../../ldap/response.js';
import { addNamingValues } from './new-entry.js';
import { demand, entryPrivilege, type OperationContext } from './operation.js';
import type { WritePipeline } from '../rules/pipeline.js';
import { isServerConfig, renameServerConfig } from '../server-config/config-writes.js';
import { postRead, preRead } from '../controls/read-entry.js';
import { checkAssertion, finishExclusiveWrite, finishWrite } from './write.js';

export async function modifyDN(operation: OperationContext, request: ModifyDNRequest): Promise<Response> {
  const { directory, schema } = operation;
  const dn = directory.parseDN(request.entry);
  const newRdn = Rdn.parse(request.newRDN, schema);
  const newSuperior = request.newSuperior && directory.parseDN(request.newSuperior);
  if (isServerConfig(operation, dn)) return renameServerConfig(operation, dn, newRdn, newSuperior);
  if (directory.virtualEntry(dn.normalized)) {
    throw directory.virtualRefusal(dn.normalized, 'this entry belongs to the server');
  }
  if (newSuperior?.isWithin(dn)) {
    throw new LdapError(ResultCode.unwillingToPerform, 'cannot place an entry below itself');
  }
  if (newSuperior && dn.parent?.isWithin(newSuperior.child(newRdn))) {
    throw new LdapError(ResultCode.unwillingToPerform, 'cannot place an entry above itself');
  }
  const database = operation.databaseOf(dn, ResultCode.unwillingToPerform);
  if (newSuperior && directory.databaseOf(newSuperior.normalized) !== database) {
    throw new LdapError(ResultCode.affectsMultipleDSAs, 'cannot rename between databases');
  }
  const superior = newSuperior ?? dn.parent;
  if (superior) demandHeldBy(operation, database, superior.child(newRdn));
  const plan: Rename = { operation, database, dn, newRdn, newSuperior, deleteOldRdn: request.deleteOldRDN };
  // What is below the entry at the end of a transaction is not known before.
  if (operation.queued) return finishExclusiveWrite(operation, database, (pipeline, tx) => renameAny(plan, pipeline, tx));
  const known = database.store.idOf(dn.normalized);
  if (known === undefined || database.store.childCount(known) === 0) {
    try {
      return await finishWrite(operation, database, (pipeline) => renameLeaf(plan, pipeline));
    } catch (error) {
      if (!(error instanceof NoLeaf)) throw error;
    }
  }
  return finishExclusiveWrite(operation, database, (pipeline, tx) => renameSubtree(plan, pipeline, tx));
}

/** Throws 71 where another database, or the server itself, holds entries of this name: it would not be found again. */
function demandHeldBy({ directory }: OperationContext, database: Database, name: DN): void {
  const ndn = name.normalized;
  if (directory.databaseOf(ndn) === database && !directory.virtualTree(ndn)) return;
  throw new LdapError(ResultCode.affectsMultipleDSAs, `cannot rename between databases: ${name.toString()}`);
}

interface Rename {
  readonly operation: OperationContext;
  readonly database: Database;
  readonly dn: DN;
  readonly newRdn: Rdn;
  readonly newSuperior: DN | undefined;
  readonly deleteOldRdn: boolean;
}

/** A child came in between: the entry must be renamed with its subtree. */
class NoLeaf extends Error {
  override readonly name = 'NoLeaf';
}

function renameLeaf(plan: Rename, pipeline: WritePipeline): Response {
  const { tx } = pipeline;
  const id = tx.idOf(plan.dn.normalized);
  if (id !== undefined && tx.childCount(id) > 0) throw new NoLeaf();
  return renameEntry(plan, pipeline).finish();
}

async function renameAny(plan: Rename, pipeline: WritePipeline, tx: ExclusiveTransaction): Promise<Response> {
  const id = tx.idOf(plan.dn.normalized);
  return id !== undefined && tx.childCount(id) > 0 ? renameSubtree(plan, pipeline, tx) : renameLeaf(plan, pipeline);
}

async function renameSubtree(plan: Rename, pipeline: WritePipeline, tx: ExclusiveTransaction): Promise<Response> {
  const { operation, database } = plan;
  const { directory } = operation;
  const { id, oldDN, newDN, finish } = renameEntry(plan, pipeline);
  for await (const below of tx.descendants(id)) {
    const record = tx.entry(below);
    if (!record) continue;
    const from = directory.parseDN(record.dn);
    const to = from.moved(oldDN, newDN);
    demandHeldBy(operation, database, to);
    pipeline.noteMoved(record, tx.carry(record, sealRenamed(record, to)));
  }
  // When all have their new names, so that changes of references are told under these.
  await pipeline.followSubtree(tx, oldDN, newDN);
  return finish();
}

/** All checks, then the entry itself under its new name. */
function renameEntry(plan: Rename, pipeline: WritePipeline): { id: number; oldDN: DN; newDN: DN; finish: () => Response } {
  const { operation, database, dn } = plan;
  const { tx } = pipeline;
  const { directory } = operation;
  const access = operation.evaluator(database, tx);
  const moves = demandParent(plan, tx, access);
  const old = tx.entryByNdn(dn.normalized);
  if (!old) throw operation.absent(dn, tx, access);
  checkAssertion(operation, database, old, access);
  demand(access, old, 'entry', entryPrivilege(operation, writePrivilege), 'no write access to entry');
  operation.refer(old, dn);
  const oldDN = directory.parseDN(old.dn);
  if (database.isSuffix(oldDN)) {
    throw new LdapError(ResultCode.affectsMultipleDSAs, 'cannot rename the suffix entry of a database');
  }
  const parent = moves ? newParent(plan, tx, access) : { dn: oldDN.parent!, id: old.parentId };
  const newDN = parent.dn.child(plan.newRdn);
  const occupant = tx.idOf(newDN.normalized);
  if (occupant !== undefined && occupant !== old.id) throw new LdapError(ResultCode.entryAlreadyExists);
  const before = preRead(operation, old, access, tx);
  const entry = old.toDraft(newDN);
  renameValues(operation, access, old, oldDN, entry, plan.deleteOldRdn);
  const prepared = pipeline.prepareChanged(entry, old, { mayBeObsolete: operation.controls.has('relax') });
  const record = pipeline.relocate(prepared, parent.id);
  const finish = (): Response => ({
    ...success,
    controls: [...before, ...postRead(operation, record, operation.evaluator(database, tx), tx)],
  });
  return { id: old.id, oldDN, newDN, finish };
}

/** Access to take the entry away from where it is is asked before whether it is there. True where its parent changes. */
function demandParent({ operation, database, dn, newSuperior }: Rename, tx: Transaction, access: AccessEvaluator): boolean {
  const parent = database.isTop(dn) ? operation.directory.rootEntry : tx.entryByNdn(ndnParent(dn.normalized) ?? '');
  if (!parent) {
    const absent = operation.absent(dn, tx, access);
    throw absent.code === ResultCode.referral ? absent : new LdapError(ResultCode.noSuchObject);
  }
  const moves = newSuperior !== undefined && newSuperior.normalized !== dn.parent?.normalized;
  demand(access, parent, 'children', moves ? Privilege.delete : writePrivilege, "no write access to old parent's children");
  return moves;
}

function newParent(
  { operation, database, newSuperior }: Rename,
  tx: Transaction,
  access: AccessEvaluator,
): { dn: DN; id: number } {
  const isRoot = newSuperior!.isEmpty && database.isSuffix(newSuperior!);
  const superior = isRoot ? operation.directory.rootEntry : tx.entryByNdn(newSuperior!.normalized);
  if (!superior) throw new LdapError(ResultCode.noSuchObject, 'new superior object does not exist');
  demand(access, superior, 'children', Privilege.add, "no write access to new superior's children");
  if (superior.flags & RecordFlag.alias) throw new LdapError(ResultCode.aliasProblem, 'new superior is an alias');
  if (superior.flags & RecordFlag.referral) {
    throw new LdapError(ResultCode.other, 'new superior is a referral');
  }
  return { dn: operation.directory.parseDN(superior.dn), id: superior.id };
}

/** The new RDN's values come in; the old one's go, where the client says so and they are not in the new one. */
function renameValues(
  operation: OperationContext,
  access: AccessEvaluator,
  old: EntryRecord,
  oldDN: DN,
  entry: EntryDraft,
  deleteOldRdn: boolean,
): void {
  const { schema } = operation;
  const describe = (name: string) => schema.attributeDescription(name)!;
  for (const { type, value } of entry.dn.rdns[0]!.avas) {
    if (type.noUserModification) {
      throw new LdapError(ResultCode.constraintViolation, `${type.name}: no user modification allowed`);
    }
    demand(access, old, describe(type.name), Privilege.add, `no write access to attribute '${type.name}'`, value);
  }
  if (deleteOldRdn) {
    for (const { type, value } of oldDN.rdns[0]!.avas) {
      const description = describe(type.name);
      demand(access, old, description, Privilege.delete, `no write access to attribute '${type.name}'`, value);
      const key = valueKey(description, value);
      entry.set(
        description,
        entry.values(description).filter((other) => valueKey(description, other) !== key),
      );
    }
  }
  addNamingValues(entry, schema);
}
