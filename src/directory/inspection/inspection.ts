/** Answers those who want to know what the configuration means: who may do what, and who is who. */
import { allPrivileges, privilegesAsked, privilegesText } from '../../access/privileges.js';
import type { AccessDecision } from '../../access/decision.js';
import type { AccessTarget, Subject } from '../../access/model.js';
import type { DN } from '../../dn/dn.js';
import type { EntryRecord } from '../../entry/record.js';
import { LdapError, ResultCode } from '../../ldap/result.js';
import type { Database } from '../database.js';
import type { DirectoryEnvironment } from '../environment.js';
import { mayBecome } from '../logins/authorization.js';
import { parseName, type Asker } from '../logins/asker.js';
import { identityOf, mapIdentity, userName } from '../logins/identity.js';
import type { Peer } from '../model.js';
import { virtualEntry } from '../server-entries/virtual-entry.js';

/** Who asks, and by which way; what is left out is nobody, or nothing. */
export type Asking = Partial<Subject>;

export interface AccessQuestion {
  /** An attribute description, `entry` or `children`. */
  readonly target: string;
  readonly value?: Buffer | undefined;
  /** `read`, `write`, ...: is that allowed? */
  readonly level?: string | undefined;
}

export interface AccessAnswer extends AccessQuestion {
  /** As slapacl prints them: `read(=rscxd)`. */
  readonly privileges: string;
  /** Where the question has a level. */
  readonly allowed: boolean | undefined;
  /** The clauses that decided, as `slapd.conf: line 12, clause 2`; the last one had the last word. */
  readonly because: readonly string[];
}

/** The mechanism and realm of a SASL login. */
export interface SaslContext {
  readonly mechanism?: string | undefined;
  readonly realm?: string | undefined;
}

export class Inspection {
  constructor(private readonly directory: DirectoryEnvironment) {}

  /**
   * What may `asking` do with the entry? Without questions: everything of it, value by value. `absent`: an entry of this name
   * and without attributes is asked about. Throws LdapError: 17, 32, 53.
   */
  access(name: DN, questions: readonly AccessQuestion[], asking: Asking, absent = false): readonly AccessAnswer[] {
    const database = this.directory.databaseOf(name.normalized);
    if (!database) throw new LdapError(ResultCode.unwillingToPerform, `no database holds "${name.toString()}"`);
    const stored = absent ? undefined : database.store.entryByNdn(name.normalized);
    if (!stored && !absent) throw new LdapError(ResultCode.noSuchObject, `there is no entry "${name.toString()}"`);
    const entry = stored ?? virtualEntry(name.toString(), {}, this.directory.schema);
    const all = questions.length > 0 ? questions : absent ? [{ target: 'entry' }] : everyQuestion(entry);
    const subject = { ...nobody, ...asking };
    return all.map((question) => this.#answer(question, entry, database, subject));
  }

  /** Throws 21 where the name of a user cannot be part of a DN. */
  async user(name: string, { mechanism, realm }: SaslContext = {}): Promise<DN> {
    // As slapd, which knows realms only of mechanisms.
    const place = mechanism === undefined || realm === undefined ? mechanism : `${realm},cn=${mechanism}`;
    const dn = name === '' ? undefined : parseName(this.directory, userName(name, place));
    if (!dn) throw new LdapError(ResultCode.invalidAttributeSyntax);
    return mapIdentity(this.#asker, dn);
  }

  /** `dn:NAME` or `u:USER`. Throws 21, or 48 for what is neither. */
  async authorizationIdentity(text: string): Promise<DN> {
    if (!/^(?:dn|u):/i.test(text)) throw new LdapError(ResultCode.inappropriateAuthentication);
    const dn = await identityOf(this.#asker, text);
    if (!dn) throw new LdapError(ResultCode.invalidAttributeSyntax);
    return dn;
  }

  mayBecome(authenticated: DN, wanted: DN): boolean {
    return mayBecome(this.#asker, authenticated, wanted);
  }

  #answer(question: AccessQuestion, entry: EntryRecord, database: Database, subject: Subject): AccessAnswer {
    const target = this.#target(question.target);
    const privilege = question.level === undefined ? undefined : privilegesAsked(question.level);
    if (question.level !== undefined && privilege === undefined) {
      throw new LdapError(ResultCode.invalidAttributeSyntax, `${question.level}: no level of access that can be asked for`);
    }
    if (database.isRoot(subject.dn)) {
      return {
        ...question,
        privileges: privilegesText(allPrivileges, true),
        allowed: privilege === undefined ? undefined : true,
        because: ['the rootdn, for whom no rules are asked'],
      };
    }
    const evaluator = database.policy.evaluator(subject, {
      entryByNdn: (ndn) => this.directory.databaseOf(ndn)?.store.entryByNdn(ndn),
    });
    const decision = evaluator.explain(entry, target, question.value);
    return {
      ...question,
      privileges: privilegesText(decision.privileges, decision.isLevel),
      allowed: privilege === undefined ? undefined : evaluator.allows(entry, target, privilege, question.value),
      because: reasons(decision, database),
    };
  }

  #target(text: string): AccessTarget {
    const lower = text.toLowerCase();
    if (lower === 'entry' || lower === 'children') return lower;
    const description = this.directory.schema.attributeDescription(text);
    if (!description) throw new LdapError(ResultCode.undefinedAttributeType, `${text}: attribute type undefined`);
    return description;
  }

  get #asker(): Asker {
    return { directory: this.directory, peer: noPeer, subject: nobody };
  }
}

const nobody: Subject = {
  dn: undefined,
  realDn: undefined,
  peerName: '',
  sockUrl: '',
  ssf: 0,
  tlsSsf: 0,
  transportSsf: 0,
  saslSsf: 0,
};

const noPeer: Peer = { address: '', name: '', listener: '', tlsSsf: 0, transportSsf: 0, externalIdentity: undefined };

function everyQuestion(entry: EntryRecord): AccessQuestion[] {
  const questions: AccessQuestion[] = [{ target: 'entry' }, { target: 'children' }];
  for (let index = 0; index < entry.attributeCount; index++) {
    const target = entry.description(index).text;
    for (const value of entry.valuesAt(index)) questions.push({ target, value });
  }
  return questions;
}

function reasons({ clauses }: AccessDecision, { config }: Database): readonly string[] {
  if (config.access.length === 0) return ['there are no rules: everybody may read'];
  if (clauses.length === 0) return ['no rule is about it'];
  return clauses.map(({ rule, place }) => {
    const where = `${rule.file}${rule.line === 0 ? '' : `: line ${rule.line}`}`;
    return place === undefined ? `${where}, no clause holds` : `${where}, clause ${place + 1}`;
  });
}
