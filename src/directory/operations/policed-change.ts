/** New passwords under a database's password policy: what add, modify and Password Modify ask before they write. */
import { Privilege } from '../../access/model.js';
import type { DN } from '../../dn/dn.js';
import type { EntryDraft } from '../../entry/draft.js';
import type { EntryRecord } from '../../entry/record.js';
import type { Response } from '../../ldap/response.js';
import { ResultCode } from '../../ldap/result.js';
import type { Database } from '../database.js';
import { hashOrigin } from '../logins/login-throttle.js';
import { StaleRuling, type PasswordChange, type PasswordPolicy, type PasswordRuling } from '../overlays/password-policy.js';
import { wellKnownOf } from '../rules/schema-check.js';
import { transientRecord } from '../server-entries/virtual-entry.js';
import type { CheckedModification } from './modifications.js';
import type { OperationContext } from './operation.js';
import { verifyAny } from './password-check.js';

/** So often a change is judged anew because somebody else changed the password meanwhile. */
const attemptsMax = 5;

/** May edit the entry. Rejects with LdapError where its password is refused. */
export async function judgeNewEntry(
  operation: OperationContext,
  policy: PasswordPolicy,
  database: Database,
  draft: EntryDraft,
): Promise<void> {
  const { schema, controls, peer } = operation;
  const { userPassword } = wellKnownOf(schema);
  const access = operation.evaluator(database, database.store);
  await policy.judgeNew(draft, {
    isAdmin: access.allows(transientRecord(draft, schema), userPassword, Privilege.manage),
    asked: controls.has('passwordPolicy'),
    origin: hashOrigin(peer, draft.dn.normalized),
  });
}

/** What is to be changed of an entry. */
export interface WantedChange {
  readonly changes: readonly CheckedModification[];
  readonly plain?: PasswordChange['plain'];
  /** Throws 50 where the asker may not make the changes: nobody else learns about the entry's passwords. */
  readonly demandAccess: (entry: EntryRecord) => void;
}

/**
 * Has `wanted` judged, and `write` do what is ruled: checking passwords may take long, and meanwhile others write. Where they
 * change the same password, all of it is done again.
 */
export async function underPasswordPolicy(
  operation: OperationContext,
  database: Database,
  dn: DN,
  wanted: WantedChange,
  write: (ruling: PasswordRuling | undefined) => Promise<Response>,
): Promise<Response> {
  const { passwordPolicy } = database;
  if (!passwordPolicy) return write(undefined);
  for (let attempt = 1; ; attempt++) {
    const ruling = await rule(operation, passwordPolicy, database, dn, wanted);
    try {
      const response = await write(ruling);
      const isOwn = dn.normalized === operation.subject.realDn?.normalized;
      if (ruling.changesPassword && isOwn && !operation.queued && response.code === ResultCode.success) {
        operation.session.mustChangePassword = false;
      }
      return response;
    } catch (error) {
      if (!(error instanceof StaleRuling) || attempt === attemptsMax) throw error;
    }
  }
}

async function rule(
  operation: OperationContext,
  policy: PasswordPolicy,
  database: Database,
  dn: DN,
  { changes, plain, demandAccess }: WantedChange,
): Promise<PasswordRuling> {
  const { directory, schema, controls, peer, session, subject } = operation;
  const entry = database.store.entryByNdn(dn.normalized);
  // What is not there is told when it is written; should it be there by then, it is judged.
  const { userPassword } = wellKnownOf(schema);
  const changesPassword = changes.some(({ description }) => description === userPassword);
  if (!entry) return { changes, changesPassword: false, settle: () => (changesPassword ? throwStale() : undefined) };
  if (changesPassword) demandAccess(entry);
  const origin = hashOrigin(peer, dn.normalized);
  return policy.judgeChange({
    entry,
    changes,
    plain,
    isSelf: subject.dn?.normalized === dn.normalized,
    isAdmin: operation.evaluator(database, database.store).allows(entry, userPassword, Privilege.manage),
    isRestricted: session.mustChangePassword,
    asked: controls.has('passwordPolicy'),
    origin,
    guess: async (stored, offered) =>
      directory.logins.brake({ peer, dn, password: offered, watcher: operation.passwords }, () =>
        verifyAny(directory, origin, stored, offered),
      ),
  });
}

function throwStale(): never {
  throw new StaleRuling();
}
