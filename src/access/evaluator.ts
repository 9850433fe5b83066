/** Decides one operation's access questions by a policy's plans. */
import type { DN } from '../dn/dn.js';
import { ndnAncestor } from '../dn/normalized.js';
import type { EntryRecord } from '../entry/record.js';
import type { Schema } from '../ldap/schema.js';
import type { AccessDecision, ExplainingEvaluator } from './decision.js';
import { equalUnderMask, parseInternetAddress, splitPeerName } from './address.js';
import type { FilterTests } from './filter-tests.js';
import type { GroupCondition, Groups } from './groups.js';
import { writePrivilege, type AccessEnvironment, type AccessTarget, type Subject } from './model.js';
import { isInScope } from './names.js';
import type { Plan, PlannedClause, Step } from './plan.js';
import type { Planner } from './planner.js';
import { applyGrant } from './privileges.js';
import { escapeRegex, tryCompileRegex } from './regex.js';
import type { AccessRule, PeerTest, TextTest, WhatName, WhatValue, Who, WhoStyle } from './rule.js';
import { SetMemory, setMatches } from './set-members.js';
import { expandTemplate, type Captures } from './template.js';
import { holdsNames, nameInValue, normalizedValue, someValueNames } from './values.js';

/** Group answers kept per operation: a search over many domains asks about as many groups. */
const groupAnswersMax = 1_000;

/** The clauses that a decision came by. */
type Trail = { readonly rule: AccessRule; readonly clause: PlannedClause }[];

export class RuleEvaluator implements ExplainingEvaluator {
  readonly #planner: Planner;
  readonly #subject: Subject;
  /** Normalised; undefined: anonymous. */
  readonly #dn: string | undefined;
  readonly #realDn: string | undefined;
  readonly #environment: AccessEnvironment;
  readonly #schema: Schema;
  readonly #filters: FilterTests;
  readonly #groups: Groups;

  /** What follows is about this entry. */
  #entry: EntryRecord | undefined;
  readonly #decisions = new Map<Plan, number>();
  /** By the rule's place: what its <what> made of the entry; null: it does not match. */
  #nameMatches: (Captures | null | undefined)[] = [];
  #entryAnswers: Map<Who, boolean> | undefined;

  #subjectAnswers: Map<Who, boolean> | undefined;
  #groupAnswers: Map<Who, Map<string, boolean>> | undefined;
  #sets: SetMemory | undefined;

  constructor(
    planner: Planner,
    subject: Subject,
    dn: DN | undefined,
    realDn: DN | undefined,
    environment: AccessEnvironment,
    schema: Schema,
    filters: FilterTests,
    groups: Groups,
  ) {
    this.#planner = planner;
    this.#subject = subject;
    this.#dn = dn?.normalized;
    this.#realDn = realDn?.normalized;
    this.#environment = environment;
    this.#schema = schema;
    this.#filters = filters;
    this.#groups = groups;
  }

  get dependsOnValues(): boolean {
    return this.#planner.dependsOnValues;
  }

  allows(entry: EntryRecord, target: AccessTarget, privileges: number, value?: Buffer): boolean {
    // What only the server may change is not the rules' business: the schema check refuses it, whoever asks.
    if (
      (privileges & ~writePrivilege) === 0 &&
      privileges !== 0 &&
      typeof target === 'object' &&
      target.type.noUserModification
    ) {
      return true;
    }
    const plan = this.#planner.plan(target);
    const granted = plan.constant ?? this.#decide(plan, entry, target, value);
    return (granted & privileges) === privileges;
  }

  explain(entry: EntryRecord, target: AccessTarget, value?: Buffer): AccessDecision {
    const { steps, constant } = this.#planner.plan(target);
    // Without any rule everybody may read.
    if (steps.length === 0 && constant) return { privileges: constant, isLevel: true, clauses: [] };
    if (entry !== this.#entry) this.#turnTo(entry);
    const trail: Trail = [];
    const privileges = this.#privileges(steps, entry, target, value, trail);
    const isLevel = trail.at(-1)?.clause.grant.isLevel === true;
    return { privileges, isLevel, clauses: trail.map(({ rule, clause: { place } }) => ({ rule, place })) };
  }

  #decide(plan: Plan, entry: EntryRecord, target: AccessTarget, value: Buffer | undefined): number {
    if (entry !== this.#entry) this.#turnTo(entry);
    if (value !== undefined && plan.dependsOnValues) return this.#privileges(plan.steps, entry, target, value);
    let granted = this.#decisions.get(plan);
    if (granted === undefined) {
      granted = this.#privileges(plan.steps, entry, target, undefined);
      this.#decisions.set(plan, granted);
    }
    return granted;
  }

  #turnTo(entry: EntryRecord): void {
    this.#entry = entry;
    this.#decisions.clear();
    this.#nameMatches = [];
    this.#entryAnswers = undefined;
  }

  /** `trail`: gets the clauses that hold. */
  #privileges(
    steps: readonly Step[],
    entry: EntryRecord,
    target: AccessTarget,
    value: Buffer | undefined,
    trail?: Trail,
  ): number {
    let gathered = 0;
    for (const step of steps) {
      const captures = this.#match(step, entry, target, value);
      if (!captures) continue;
      for (const clause of step.clauses) {
        if (!this.#holds(clause, step, entry, target, value, captures)) continue;
        gathered = applyGrant(gathered, clause.grant);
        trail?.push({ rule: step.rule, clause });
        if (clause.control === 'stop') return gathered;
        if (clause.control === 'break') break;
      }
    }
    return 0;
  }

  /** What the <what> clause matched; undefined: it does not match. */
  #match(step: Step, entry: EntryRecord, target: AccessTarget, value: Buffer | undefined): Captures | undefined {
    const { what } = step.rule;
    if (what.value && value === undefined) return undefined;
    let match = this.#nameMatches[step.index];
    if (match === undefined) {
      match = matchName(what.name, entry);
      if (match && what.filter && !this.#filters.matches(what.filter, entry)) match = null;
      this.#nameMatches[step.index] = match;
    }
    if (!match || !what.value) return match ?? undefined;
    return this.#matchValue(what.value, what.name, target, value!, match);
  }

  #matchValue(wanted: WhatValue, name: WhatName, target: AccessTarget, value: Buffer, captures: Captures): Captures | undefined {
    if (typeof target !== 'object') return undefined;
    switch (wanted.kind) {
      case 'equals':
        return wanted.rule.matches(value, 0, value.length, wanted.normalized) ? captures : undefined;
      case 'name': {
        const found = nameInValue(value, target, this.#schema);
        return found !== undefined && isInScope(found, wanted.scope, wanted.name) ? captures : undefined;
      }
      case 'regex': {
        const found = wanted.regex.exec(normalizedValue(value, target, this.#schema));
        if (!found) return undefined;
        const values: Captures['value'] = (index) => found[index] ?? '';
        // Beside a value's expression only a name's expression has parts, as in slapd.
        return name.kind === 'regex'
          ? { name: (index) => captures.name(index), value: values }
          : { name: () => '', value: values };
      }
    }
  }

  #holds(
    clause: PlannedClause,
    step: Step,
    entry: EntryRecord,
    target: AccessTarget,
    value: Buffer | undefined,
    captures: Captures,
  ): boolean {
    if (clause.grant.valueIs && !this.#isOwnName(clause.grant.valueIs, target, value)) return false;
    for (const who of clause.who) {
      // `by dnattr=member selfwrite`: the value being one's own name is enough, listed already or not.
      if (clause.grant.valueIs && who.kind === 'nameAttribute') continue;
      if (!this.#answer(who, step, entry, captures)) return false;
    }
    return true;
  }

  #isOwnName(which: 'self' | 'realself', target: AccessTarget, value: Buffer | undefined): boolean {
    const own = which === 'self' ? this.#dn : this.#realDn;
    if (own === undefined || value === undefined || typeof target !== 'object' || !holdsNames(target)) return false;
    return nameInValue(value, target, this.#schema) === own;
  }

  #answer(who: Who, step: Step, entry: EntryRecord, captures: Captures): boolean {
    switch (who.kind) {
      case 'anyone':
        return true;
      case 'anonymous':
        return this.#name(who) === undefined;
      case 'users':
        return this.#name(who) !== undefined;
      case 'self':
        return this.#isSelf(who.level, this.#name(who), entry.ndn);
      case 'name':
        return nameFits(this.#name(who), who.style, who.name);
      case 'ssf':
        return this.#subject[who.factor] >= who.minimum;
      case 'nameRegex':
        return remember((this.#subjectAnswers ??= new Map<Who, boolean>()), who, () => who.regex.test(this.#name(who) ?? ''));
      case 'peername':
        return this.#connectionAnswer(who, step, () => testPeer(who.test, this.#subject.peerName, captures));
      case 'sockurl':
        return this.#connectionAnswer(who, step, () => testText(who.test, this.#subject.sockUrl, captures));
      case 'sockname':
        return this.#connectionAnswer(who, step, () => testText(who.test, this.#subject.sockName ?? '', captures));
      case 'nameAttribute':
      case 'nameExpand':
      case 'nameExpandRegex':
      case 'set':
        if (step.rule.what.value) return this.#entryAnswer(who, entry, captures);
        return remember((this.#entryAnswers ??= new Map<Who, boolean>()), who, () => this.#entryAnswer(who, entry, captures));
      case 'group':
        return this.#isMember(who, entry, captures);
    }
  }

  #name(who: { readonly real: boolean }): string | undefined {
    return who.real ? this.#realDn : this.#dn;
  }

  /** Kept for the whole operation, unless the pattern takes over parts of the entry's name. */
  #connectionAnswer(who: Extract<Who, { kind: 'peername' | 'sockname' | 'sockurl' }>, step: Step, work: () => boolean): boolean {
    const { kind } = who.test;
    if (kind !== 'expand' && kind !== 'expandRegex')
      return remember((this.#subjectAnswers ??= new Map<Who, boolean>()), who, work);
    return step.rule.what.value ? work() : remember((this.#entryAnswers ??= new Map<Who, boolean>()), who, work);
  }

  #isSelf(level: number, subject: string | undefined, ndn: string): boolean {
    if (subject === undefined) return false;
    const ancestor = ndnAncestor(level < 0 ? ndn : subject, Math.abs(level));
    return ancestor !== undefined && ancestor !== '' && ancestor === (level < 0 ? subject : ndn);
  }

  #entryAnswer(
    who: Extract<Who, { kind: 'nameAttribute' | 'nameExpand' | 'nameExpandRegex' | 'set' }>,
    entry: EntryRecord,
    captures: Captures,
  ): boolean {
    switch (who.kind) {
      case 'nameAttribute': {
        const subject = this.#name(who);
        return subject !== undefined && someValueNames(entry, who.description, subject, this.#schema);
      }
      case 'nameExpand': {
        const text = expandTemplate(who.template, captures);
        const name = text === undefined ? undefined : this.#groups.name(text);
        // A pattern that comes out empty names nobody: it must not let anonymous in.
        return name !== undefined && name !== '' && nameFits(this.#name(who), who.style, name);
      }
      case 'nameExpandRegex': {
        const pattern = expandTemplate(who.template, captures, escapeRegex);
        const regex = pattern === undefined ? undefined : tryCompileRegex(pattern);
        return regex?.test(this.#name(who) ?? '') ?? false;
      }
      case 'set':
        return setMatches(who.set, {
          schema: this.#schema,
          environment: this.#environment,
          entry,
          user: this.#dn,
          captures,
          memory: (this.#sets ??= new SetMemory()),
        });
    }
  }

  #isMember(who: GroupCondition, entry: EntryRecord, captures: Captures): boolean {
    const text = typeof who.group === 'string' ? who.group : expandTemplate(who.group, captures);
    if (text === undefined || this.#dn === undefined) return false;
    this.#groupAnswers ??= new Map();
    let answers = this.#groupAnswers.get(who);
    if (!answers) this.#groupAnswers.set(who, (answers = new Map<string, boolean>()));
    let answer = answers.get(text);
    if (answer === undefined) {
      const name = typeof who.group === 'string' ? text : this.#groups.name(text);
      answer = name !== undefined && this.#groupHolds(who, name, entry, this.#dn);
      if (answers.size >= groupAnswersMax) answers.clear();
      answers.set(text, answer);
    }
    return answer;
  }

  /** slapd skips the class check where the group is the very entry asked about: members may promote themselves. */
  #groupHolds(who: GroupCondition, name: string, entry: EntryRecord, subject: string): boolean {
    const group = name === entry.ndn ? entry : this.#environment.entryByNdn(name);
    return group !== undefined && this.#groups.hasMember(group, who, subject, this.#environment);
  }
}

function remember(answers: Map<Who, boolean>, who: Who, work: () => boolean): boolean {
  let answer = answers.get(who);
  if (answer === undefined) {
    answer = work();
    answers.set(who, answer);
  }
  return answer;
}

const noCapture = (): undefined => undefined;

/** null: the name does not match. */
function matchName(name: WhatName, entry: EntryRecord): Captures | null {
  switch (name.kind) {
    case 'any':
      return { name: (index) => (index === 0 ? entry.ndn : undefined), value: noCapture };
    case 'scope': {
      const { ndn } = entry;
      if (!isInScope(ndn, name.scope, name.name)) return null;
      const parts = name.scope === 'base' ? [ndn] : [ndn, name.name];
      return { name: (index) => parts[index], value: noCapture };
    }
    case 'regex': {
      const found = name.regex.exec(entry.ndn);
      return found && { name: (index) => found[index] ?? '', value: noCapture };
    }
  }
}

function nameFits(subject: string | undefined, style: WhoStyle, name: string): boolean {
  if (subject === undefined) return false;
  if (typeof style === 'object') return ndnAncestor(subject, style.level) === name;
  return isInScope(subject, style, name);
}

function testText(test: TextTest, text: string, captures: Captures): boolean {
  if (text === '') return false;
  switch (test.kind) {
    case 'any':
      return true;
    case 'exact':
      return text.toLowerCase() === test.text;
    case 'regex':
      return test.regex.test(text);
    case 'expand':
      return expandTemplate(test.template, captures)?.toLowerCase() === text.toLowerCase();
    case 'expandRegex': {
      const pattern = expandTemplate(test.template, captures, escapeRegex);
      return (pattern === undefined ? undefined : tryCompileRegex(pattern))?.test(text) ?? false;
    }
  }
}

function testPeer(test: PeerTest, peerName: string, captures: Captures): boolean {
  switch (test.kind) {
    case 'path':
      return peerName === `PATH=${test.path}`;
    case 'ip':
    case 'ipv6': {
      const peer = splitPeerName(peerName);
      if (!peer || peer.family !== (test.kind === 'ip' ? 4 : 6)) return false;
      if (test.port !== undefined && test.port !== peer.port) return false;
      const address = parseInternetAddress(peer.address, peer.family);
      return address !== undefined && equalUnderMask(address, test.mask, test.address);
    }
    case 'any':
    case 'exact':
    case 'expand':
    case 'regex':
    case 'expandRegex':
      return testText(test, peerName, captures);
  }
}
