/** With whose rights a list is expanded: the client's, or those of the entry that its dgIdentity names. */
import { DN } from '../../dn/dn.js';
import type { EntryRecord } from '../../entry/record.js';
import { OperationControls } from '../controls/controls.js';
import type { Database } from '../database.js';
import { ruleNames } from '../logins/authorization-match.js';
import { authorizationRules } from '../logins/authorization-rules.js';
import { OperationContext } from '../operations/operation.js';

export function hasIdentity(list: EntryRecord, { schema }: OperationContext): boolean {
  const dgIdentity = schema.attributeDescription('dgIdentity');
  return dgIdentity !== undefined && list.values(dgIdentity).length > 0;
}

/** Undefined where dgAuthz does not allow the client to use the identity. */
export function expandingOperation(
  { directory, peer, subject, kind, session, io }: OperationContext,
  database: Database,
  list: EntryRecord,
): OperationContext | undefined {
  const as = (dn: DN | undefined): OperationContext =>
    new OperationContext(directory, peer, { ...subject, dn }, OperationControls.none, kind, session, io);
  const { schema } = directory;
  const dgIdentity = schema.attributeDescription('dgIdentity');
  const [name] = dgIdentity ? list.values(dgIdentity) : [];
  if (name === undefined) return as(subject.dn);
  const identity = directory.parseDN(name);
  const dgAuthz = schema.attributeDescription('dgAuthz');
  const isGuarded = dgAuthz && !identity.isEmpty && !database.isRoot(subject.dn) && list.values(dgAuthz).length > 0;
  const asker = { directory, peer, subject };
  const names = (subject.dn ?? DN.empty).normalized;
  if (isGuarded && !authorizationRules(directory, list, dgAuthz).some((rule) => ruleNames(asker, rule, names))) return undefined;
  return as(identity.isEmpty ? undefined : identity);
}
