/**
 * What one operation carries through the directory: who asks, with which controls, under which rules. Each operation's
 * file is a function over this; the checks that all of them share happen here, in slapd's order.
 */
import type { AccessEnvironment, AccessEvaluator, AccessTarget, Subject } from '../../access/model.js';
import { Privilege } from '../../access/model.js';
import type { OperationKind, Requirement, RestrictedOperation, SecurityPolicy } from '../../config/model.js';
import type { DN } from '../../dn/dn.js';
import { RecordFlag, type EntryRecord } from '../../entry/record.js';
import type { SearchScope } from '../../ldap/request.js';
import { LdapError, ResultCode } from '../../ldap/result.js';
import type { Schema } from '../../ldap/schema.js';
import type { EntryReader } from '../../store/model.js';
import { OperationControls } from '../controls/controls.js';
import type { Database } from '../database.js';
import type { DirectoryEnvironment } from '../environment.js';
import type { OperationIO, PasswordWatcher, Peer } from '../model.js';
import { nearestEntry } from '../nearest-entry.js';
import { passwordChangeOnly } from '../overlays/password-policy.js';
import { globalReferral, referralTo, sendToProvider } from './referral.js';
import type { SessionContext } from '../session-context.js';
import type { OperationTrace } from '../trace.js';

const passwordControls = ['passwordPolicy', 'accountUsability'] as const;
const updates: ReadonlySet<OperationKind> = new Set(['add', 'modify', 'rename', 'delete']);

/** A request of a transaction (RFC 5805): it is not done now, but at the end. */
export interface QueuedRequest {
  readonly messageId: number | undefined;
  /** What it takes. */
  readonly bytes: number;
}

export class OperationContext {
  readonly schema: Schema;

  constructor(
    readonly directory: DirectoryEnvironment,
    readonly peer: Peer,
    readonly subject: Subject,
    readonly controls: OperationControls,
    readonly kind: OperationKind,
    readonly session: SessionContext,
    readonly io: Pick<OperationIO, 'trace' | 'passwords' | 'messageId' | 'notify'>,
    readonly queued?: QueuedRequest,
  ) {
    this.schema = directory.schema;
  }

  get trace(): OperationTrace | undefined {
    return this.io.trace;
  }

  get passwords(): PasswordWatcher | undefined {
    return this.io.passwords;
  }

  /** Throws 32 where no database holds the name (or 10 where the configuration names other servers). */
  databaseOf(dn: DN, absent: ResultCode = ResultCode.noSuchObject, scope?: SearchScope): Database {
    const database = this.directory.databaseOf(dn.normalized);
    if (!database) {
      const elsewhere = globalReferral(this.directory, dn, scope);
      if (elsewhere) throw elsewhere;
      throw new LdapError(absent, absent === ResultCode.noSuchObject ? '' : 'no global superior knowledge');
    }
    this.checkAllowed(database);
    if (updates.has(this.kind)) sendToProvider(this.directory, database, dn);
    return database;
  }

  /**
   * `security`, `require`, `restrict` and `readonly`, of the server and of the database; updates need a login.
   * `extended`: which extended operation it is, and whether that one updates.
   */
  checkAllowed(database: Database | undefined, extended?: { readonly oid: string; readonly update: boolean }): void {
    const { config } = this.directory;
    if (this.controls !== OperationControls.none) this.checkPasswordControls(database);
    const update = updates.has(this.kind) || extended?.update === true;
    for (const security of database ? [config.security, database.config.security] : [config.security]) {
      this.#checkStrength(security, update);
    }
    if (update && this.subject.dn === undefined && !config.features.updateAnonymous) {
      throw new LdapError(ResultCode.strongerAuthRequired, 'modifications require authentication');
    }
    if (update && this.session.isReadOnly) {
      throw new LdapError(ResultCode.insufficientAccessRights, 'an app password is not for changing anything');
    }
    for (const requires of database ? [config.requires, database.config.requires] : [config.requires]) {
      this.#checkRequirements(requires);
    }
    this.#checkRestricted(config.restricted, extended?.oid);
    if (database) this.#checkRestricted(database.config.restricted, extended?.oid);
    if (this.session.mustChangePassword && database?.passwordPolicy) this.#checkMustChange(extended);
  }

  /** As slapd: these are for databases with a password policy. Throws 2, 12. */
  checkPasswordControls(database: Database | undefined): void {
    for (const type of passwordControls) {
      const control = this.controls.get(type);
      if (database?.passwordPolicy && control?.value !== undefined) {
        throw new LdapError(ResultCode.protocolError, `${type} control value not absent`);
      }
      if (database?.passwordPolicy || !control?.critical) continue;
      throw new LdapError(ResultCode.unavailableCriticalExtension, `critical control ${type} is not recognized here`);
    }
  }

  /** Throws 50. Of a modify request it depends on what is modified. */
  #checkMustChange(extended: { readonly update: boolean } | undefined): void {
    if (!extended && this.kind !== 'modify') throw passwordChangeOnly(this.controls.has('passwordPolicy'));
  }

  #checkRestricted(restricted: ReadonlySet<RestrictedOperation>, extendedOid: string | undefined): void {
    if (restricted.size === 0) return;
    if (restricted.has(this.kind) || (extendedOid !== undefined && restricted.has(`extended=${extendedOid}`))) {
      throw new LdapError(ResultCode.unwillingToPerform, 'operation restricted');
    }
  }

  #checkStrength(security: SecurityPolicy, update: boolean): void {
    const { subject } = this;
    const short = (required: number, present: number): boolean => required > present;
    if (short(security.tls, subject.tlsSsf) || (update && short(security.updateTls, subject.tlsSsf))) {
      throw new LdapError(ResultCode.confidentialityRequired, 'TLS confidentiality required');
    }
    const { transportSsf, saslSsf } = subject;
    if (short(security.transport, transportSsf) || (update && short(security.updateTransport, transportSsf))) {
      throw new LdapError(ResultCode.confidentialityRequired, 'transport confidentiality required');
    }
    if (short(security.sasl, saslSsf) || (update && short(security.updateSasl, saslSsf))) {
      throw new LdapError(ResultCode.confidentialityRequired, 'SASL confidentiality required');
    }
    if (short(security.ssf, subject.ssf) || (update && short(security.updateSsf, subject.ssf))) {
      throw new LdapError(ResultCode.confidentialityRequired, 'confidentiality required');
    }
  }

  #checkRequirements(requires: ReadonlySet<Requirement>): void {
    if (requires.size === 0) return;
    const { dn, ssf, saslSsf } = this.subject;
    const { boundVersion } = this.session;
    if (requires.has('strong') && (dn === undefined || ssf === 0)) {
      throw new LdapError(ResultCode.strongerAuthRequired, 'strong(er) authentication required');
    }
    if (requires.has('SASL') && (dn === undefined || saslSsf === 0)) {
      throw new LdapError(ResultCode.strongerAuthRequired, 'SASL authentication required');
    }
    if (requires.has('authc') && dn === undefined) {
      throw new LdapError(ResultCode.unwillingToPerform, 'authentication required');
    }
    if (requires.has('bind') && boundVersion === 0) {
      throw new LdapError(ResultCode.operationsError, 'BIND required');
    }
    if (requires.has('LDAPv3') && boundVersion !== 0 && boundVersion < 3) {
      throw new LdapError(ResultCode.operationsError, 'operation restricted to LDAPv3 clients');
    }
  }

  /** Answers access questions from `reader`'s state of this database, and from the committed state of the others. */
  evaluator(database: Database, reader: EntryReader): AccessEvaluator {
    return database.evaluator(this.subject, this.environment(database, reader));
  }

  environment(database: Database, reader: EntryReader): AccessEnvironment {
    return {
      entryByNdn: (ndn) => {
        const owner = this.directory.databaseOf(ndn);
        return owner === database ? reader.entryByNdn(ndn) : owner?.store.entryByNdn(ndn);
      },
    };
  }

  /**
   * What to answer where there is no such entry: the way on where a referral object lies above it; else 32 with the DN of
   * the nearest entry above, as far as the asker may know of that one.
   */
  absent(dn: DN, reader: EntryReader, evaluator: AccessEvaluator, scope?: SearchScope): LdapError {
    const database = this.directory.databaseOf(dn.normalized);
    const ancestor = database && nearestEntry(reader, dn.normalized, database.depthOfSuffix(dn.normalized));
    if (ancestor && evaluator.allows(ancestor, 'entry', Privilege.disclose)) {
      if (ancestor.flags & RecordFlag.referral && !this.controls.has('domainScope')) {
        return referralTo(this.directory, ancestor, dn, scope);
      }
      return new LdapError(ResultCode.noSuchObject, '', { matchedDN: ancestor.dn });
    }
    return globalReferral(this.directory, dn, scope) ?? new LdapError(ResultCode.noSuchObject);
  }

  /** Throws 10 where the entry is a referral object, 32 where it is glue, and the client did not say ManageDsaIT. */
  refer(record: EntryRecord, dn: DN, scope?: SearchScope): void {
    const isGlue = record.flags & RecordFlag.glue && scope !== 'one' && scope !== 'sub' && scope !== 'children';
    if (isGlue && !this.controls.has('manageDsaIT')) throw new LdapError(ResultCode.noSuchObject);
    if (!(record.flags & RecordFlag.referral) || this.controls.has('manageDsaIT')) return;
    // A client that wants no referrals gets none: what is elsewhere is not here.
    if (this.controls.has('domainScope')) throw new LdapError(ResultCode.noSuchObject, '', { matchedDN: record.dn });
    throw referralTo(this.directory, record, dn, scope);
  }
}

/** What it takes to add, rename or delete an entry: with the Relax control, as to slapd, no less than to manage it. */
export function entryPrivilege({ controls }: OperationContext, usual: number): number {
  return controls.has('relax') ? Privilege.manage : usual;
}

/** Throws 50 unless the evaluator allows it. */
export function demand(
  evaluator: AccessEvaluator,
  entry: EntryRecord,
  target: AccessTarget,
  privileges: number,
  diagnostic: string,
  value?: Buffer,
): void {
  if (!evaluator.allows(entry, target, privileges, value)) {
    throw new LdapError(ResultCode.insufficientAccessRights, diagnostic);
  }
}
