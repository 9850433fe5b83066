/**
 * What comes of a password that was offered for an entry, where the database has a password policy or notes logins: whether it
 * counts, and what the entry keeps of it. That is written like everything else, together with what else is being written.
 */
import type { EntryDraft } from '../../entry/draft.js';
import type { EntryRecord } from '../../entry/record.js';
import { DN } from '../../dn/dn.js';
import type { ResponseControl } from '../../ldap/control.js';
import { LdapError } from '../../ldap/result.js';
import { StoreUnavailableError } from '../../store/errors.js';
import type { Transaction } from '../../store/model.js';
import type { Database } from '../database.js';
import type { DirectoryEnvironment } from '../environment.js';
import type { MaybePromise } from '../model.js';
import { generalizedTime } from '../rules/operational.js';
import { WritePipeline } from '../rules/pipeline.js';
import { wellKnownOf } from '../rules/schema-check.js';

export interface OfferedPassword {
  readonly entry: EntryRecord;
  readonly isRight: boolean;
  /** Does whoever offers it log in? Else it is compared only. */
  readonly isLogin: boolean;
  /** The request carries the password policy control. */
  readonly asked: boolean;
}

export interface LoginVerdict {
  readonly admits: boolean;
  readonly mustChange: boolean;
  readonly controls: readonly ResponseControl[];
}

interface Settlement extends LoginVerdict {
  readonly edits: readonly ((draft: EntryDraft) => void)[];
}

/** Does anything come of logins to this database but who is in? */
export function settlesLogins({ passwordPolicy, config }: Database): boolean {
  return passwordPolicy !== undefined || config.lastBind;
}

/** A promise only where the entry changes. */
export function settleLogin(
  directory: DirectoryEnvironment,
  database: Database,
  offered: OfferedPassword,
): MaybePromise<LoginVerdict> {
  const { entry } = offered;
  const settled = settle(database, entry, offered);
  return settled.edits.length === 0 ? settled : written(directory, database, offered, settled);
}

/** As slapd, the policy does not bind the rootdn. */
function settle(database: Database, entry: EntryRecord, { isRight, isLogin, asked }: OfferedPassword): Settlement {
  const isRoot = entry.ndn === database.config.rootDN?.normalized;
  const judgement = isRoot ? undefined : database.passwordPolicy?.judgeLogin(entry, isRight);
  const admits = judgement?.admits ?? isRight;
  const edits = judgement?.edit ? [judgement.edit] : [];
  if (admits && isLogin && database.config.lastBind) edits.push(...lastBindEdits(database, entry));
  return { admits, mustChange: judgement?.mustChange ?? false, controls: judgement?.controls(asked) ?? [], edits };
}

function lastBindEdits({ config, schema }: Database, entry: EntryRecord): ((draft: EntryDraft) => void)[] {
  const { pwdLastSuccess } = wellKnownOf(schema);
  const now = new Date();
  const earliest = generalizedTime(new Date(now.getTime() - config.lastBindPrecision * 1_000));
  const [noted] = entry.values(pwdLastSuccess);
  // Both as the server spells times.
  if (noted && noted.toString('latin1') >= earliest) return [];
  const text = generalizedTime(now);
  return [(draft) => draft.set(pwdLastSuccess, [Buffer.from(text)])];
}

/**
 * Judged again on the entry as it is when its turn comes, so that of many guesses at once none is overlooked. What cannot be
 * written does not keep anybody out, as in slapd.
 */
async function written(
  directory: DirectoryEnvironment,
  database: Database,
  offered: OfferedPassword,
  before: Settlement,
): Promise<LoginVerdict> {
  try {
    return await database.store.write((tx) => {
      const current = tx.entryByNdn(offered.entry.ndn);
      if (!current) return before;
      const settled = settle(database, current, offered);
      if (settled.edits.length > 0) note(directory, database, tx, current, settled);
      return settled;
    });
  } catch (error) {
    if (error instanceof StoreUnavailableError || error instanceof LdapError) return before;
    throw error;
  }
}

function note(
  directory: DirectoryEnvironment,
  database: Database,
  tx: Transaction,
  current: EntryRecord,
  { edits }: Settlement,
): void {
  const draft = current.toDraft(DN.parse(current.dn, directory.schema));
  for (const edit of edits) edit(draft);
  const pipeline = new WritePipeline(directory, database, tx, { dn: database.config.rootDN, isServer: true });
  // What a replica notes by itself is no change that its own replicas follow, nor one that the provider's fall behind.
  const isReplica = database.config.syncrepls.length > 0;
  if (isReplica) tx.leaveOutOfLog();
  pipeline.replace(pipeline.prepareChanged(draft, current, { unstamped: isReplica }));
}
