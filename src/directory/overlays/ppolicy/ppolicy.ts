/** `ppolicy`: the password policy of a database, as slapd's overlay has it. */
import { builtinChecks } from '../../../config/overlays/ppolicy.js';
import type { PpolicySettings } from '../../../config/overlays/settings.js';
import type { EntryDraft } from '../../../entry/draft.js';
import type { EntryRecord } from '../../../entry/record.js';
import type { ResponseControl } from '../../../ldap/control.js';
import { LdapError, ResultCode } from '../../../ldap/result.js';
import type { Database } from '../../database.js';
import type { DirectoryEnvironment } from '../../environment.js';
import { valueKey } from '../../operations/attribute-values.js';
import type { Overlay, Write } from '../overlay.js';
import type { LoginJudgement, PasswordChange, PasswordPolicy, PasswordRuling, PasswordWriter } from '../password-policy.js';
import { checksNamed, knownChecks } from './builtin-checks.js';
import { judgeChange, judgeNew, type ChangeTerms } from './changes.js';
import { judgeLogin, type LoginTerms } from './logins.js';
import { policyAttributesOf, readPolicy, type Policy, type Valued } from './policy.js';
import { usabilityOf } from './usability.js';

export class PpolicyOverlay implements Overlay, PasswordPolicy {
  readonly name = 'ppolicy';
  readonly passwordPolicy = this;
  readonly #terms: LoginTerms & ChangeTerms;
  /** Of entries whose records are in memory. */
  readonly #policies = new WeakMap<EntryRecord, Policy | 'none'>();

  constructor(
    private readonly directory: DirectoryEnvironment,
    database: Database,
    settings: PpolicySettings,
  ) {
    const { schema, config } = directory;
    const known = policyAttributesOf(schema);
    const { passwordHash: hashes, passwordSettings: hashSettings } = config;
    this.#terms = { schema, known, settings, lastBind: database.config.lastBind, hashes, hashSettings };
  }

  judgeLogin(entry: EntryRecord, isRight: boolean): LoginJudgement {
    return judgeLogin(this.#terms, this.#policyOf(entry), entry, isRight);
  }

  judgeNew(draft: EntryDraft, writer: PasswordWriter): Promise<void> {
    return judgeNew(this.#terms, this.#policyOf(draft), draft, writer);
  }

  judgeChange(change: PasswordChange): Promise<PasswordRuling> {
    return judgeChange(this.#terms, this.#policyOf(change.entry), change);
  }

  usability(entry: EntryRecord): ResponseControl | undefined {
    const policy = this.#policyOf(entry);
    return policy && usabilityOf(this.#terms, policy, entry);
  }

  beforeAdd(_: Write, draft: EntryDraft): void {
    this.#checkPolicyEntry(draft);
  }

  beforeChange(_: Write, draft: EntryDraft, old: EntryRecord): void {
    this.#checkPolicyEntry(draft, old);
  }

  /** The one that the entry names, or the default. Undefined where that is not there. */
  #policyOf(entry: Valued): Policy | undefined {
    const { known, settings } = this.#terms;
    const [own] = entry.values(known.pwdPolicySubentry);
    const ndn = own ? valueKey(known.pwdPolicySubentry, own) : settings.defaultPolicy?.normalized;
    const record = ndn === undefined ? undefined : this.directory.databaseOf(ndn)?.store.entryByNdn(ndn);
    if (!record) return undefined;
    let policy = this.#policies.get(record);
    if (policy === undefined) this.#policies.set(record, (policy = readPolicy(record, known) ?? 'none'));
    return policy === 'none' ? undefined : policy;
  }

  /** Throws 19 where a policy asks for checks that there are not. */
  #checkPolicyEntry(draft: EntryDraft, old?: EntryRecord): void {
    const { known } = this.#terms;
    const [module] = draft.values(known.pwdCheckModule);
    const [argument] = draft.values(known.pwdCheckModuleArg);
    const [useModule] = draft.values(known.pwdUseCheckModule);
    const before = old
      ? [known.pwdCheckModule, known.pwdCheckModuleArg, known.pwdUseCheckModule].map((one) => old.values(one)[0])
      : [];
    if ([module, argument, useModule].every((value, index) => String(value) === String(before[index]))) return;
    if (module && module.toString() !== builtinChecks) {
      throw new LdapError(
        ResultCode.constraintViolation,
        `pwdCheckModule: modules cannot be loaded; write "${builtinChecks}", and what to check in pwdCheckModuleArg: ${knownChecks}`,
      );
    }
    const isUsed = module !== undefined || useModule?.toString().toUpperCase() === 'TRUE';
    if (isUsed && !checksNamed(argument?.toString() ?? '')) {
      throw new LdapError(ResultCode.constraintViolation, `pwdCheckModuleArg: name what to check: ${knownChecks}`);
    }
  }
}
