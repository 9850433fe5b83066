/**
 * An identity on a directory: the one way in for every front end. Turns requests into operations, so that no code path
 * reaches the store without an identity, its access rules and the checks that all operations share.
 */
import type { Subject } from '../access/model.js';
import type { OperationKind } from '../config/model.js';
import type { DN } from '../dn/dn.js';
import { noControls } from '../ldap/request.js';
import type { Control, ControlType } from '../ldap/control.js';
import type { AnsweredMessage, AnsweredRequest, BindRequest } from '../ldap/request.js';
import { add } from './operations/add.js';
import { bind } from './operations/bind.js';
import type { BindOutcome } from './operations/bind-outcome.js';
import { compare } from './operations/compare.js';
import { honouredControls, OperationControls } from './controls/controls.js';
import { deleteEntry } from './operations/delete.js';
import type { DirectoryEnvironment } from './environment.js';
import { extended, isKnownExtended } from './operations/extended.js';
import type { MaybePromise, OperationIO, Peer, Session } from './model.js';
import { ResultCode } from '../ldap/result.js';
import type { BindResponse, Response } from '../ldap/response.js';
import { modify } from './operations/modify.js';
import { modifyDN } from './operations/modify-dn.js';
import { OperationContext, type QueuedRequest } from './operations/operation.js';
import { proxiedIdentity } from './controls/proxy.js';
import { checkReadControls } from './controls/read-entry.js';
import { anonymous, type Identity, type SessionContext } from './session-context.js';
import { concernsTransaction, detached, queuedRequest } from './transaction-requests.js';
import type { OpenTransaction } from './open-transaction.js';
import { search } from './search/search.js';

export class DirectorySession implements Session {
  #identity: Identity = anonymous;
  #subject: Subject | undefined;
  readonly #context: SessionContext = { boundVersion: 0, paging: undefined, mustChangePassword: false };

  constructor(
    private readonly directory: DirectoryEnvironment,
    readonly peer: Peer,
  ) {}

  get identity(): DN | undefined {
    return this.#identity.dn;
  }

  reset(): void {
    this.#become(anonymous);
  }

  #become(identity: Identity): void {
    this.#context.transaction?.forget();
    this.#context.transaction = undefined;
    this.#identity = identity;
    this.#subject = undefined;
  }

  /** For programs that embed the directory: speak as `dn` without a bind. */
  assume(dn: DN | undefined): void {
    this.#become({ dn, saslSsf: 0 });
  }

  perform({ request, controls }: Omit<AnsweredMessage, 'messageId'>, io: OperationIO): MaybePromise<Response> {
    if (request.op === 'bind') return this.#bind(request, controls, io);
    this.#context.scram = undefined;
    const { transaction } = this.#context;
    if (transaction && concernsTransaction(request, controls)) return this.#performInOrder(transaction, request, controls, io);
    return this.#performNow(request, controls, io);
  }

  #performNow(request: PerformedRequest, controls: readonly Control[], io: OperationIO): MaybePromise<Response> {
    const operation = this.#operation(request, controls, io);
    return operation instanceof Promise
      ? operation.then((prepared) => perform(prepared, request, io))
      : perform(operation, request, io);
  }

  /** A transaction's requests, and its end, wait for those before them. */
  #performInOrder(
    transaction: OpenTransaction,
    sent: PerformedRequest,
    controls: readonly Control[],
    io: OperationIO,
  ): MaybePromise<Response> {
    // What arrived together with it should not stay in memory as long as it does.
    const request = detached(sent);
    const begin = (): MaybePromise<Response> => this.#performNow(request, controls, io);
    const outcome = transaction.arriving ? transaction.arriving.then(begin) : begin();
    if (!(outcome instanceof Promise)) return outcome;
    const ended = (): void => {
      if (transaction.arriving === arriving) transaction.arriving = undefined;
    };
    const arriving = outcome.then(ended, ended);
    transaction.arriving = arriving;
    return outcome;
  }

  #bind(request: BindRequest, controls: readonly Control[], io: OperationIO): MaybePromise<BindResponse> {
    this.reset();
    this.#context.mustChangePassword = false;
    this.#context.isReadOnly = false;
    const outcome = bind(this.#contextFor(this.#ownSubject(), honour(controls, honouredControls.bind), 'bind', io), request);
    if (outcome instanceof Promise) return outcome.then((answer) => this.#bound(answer, request.version));
    return this.#bound(outcome, request.version);
  }

  #bound(answer: BindOutcome, version: number): BindResponse {
    this.#become(answer.identity);
    if (answer.mustChangePassword) this.#context.mustChangePassword = true;
    if (answer.isReadOnly) this.#context.isReadOnly = true;
    if (answer.response.code === ResultCode.success) this.#context.boundVersion = version;
    return answer.response;
  }

  /** A promise only where it takes a search to find out who the operation is done as. */
  #operation(request: PerformedRequest, controls: readonly Control[], io: OperationIO): MaybePromise<OperationContext> {
    const kind = request.op === 'modifyDN' ? 'rename' : request.op;
    const wanted = honour(controls, honouredBy(request));
    if (wanted !== OperationControls.none) checkReadControls(wanted, this.directory.schema);
    const queued = queuedRequest(wanted, request, io.messageId);
    const subject = this.#ownSubject();
    const proxied = wanted.get('proxiedAuthorization');
    if (!proxied) return this.#contextFor(subject, wanted, kind, io, queued);
    const as = (dn: DN | undefined): OperationContext =>
      this.#contextFor({ ...subject, dn, realDn: subject.dn }, wanted, kind, io, queued);
    const dn = proxiedIdentity({ directory: this.directory, peer: this.peer, subject }, proxied);
    return dn instanceof Promise ? dn.then(as) : as(dn);
  }

  #contextFor(
    subject: Subject,
    controls: OperationControls,
    kind: OperationKind,
    io: OperationIO,
    queued?: QueuedRequest,
  ): OperationContext {
    return new OperationContext(this.directory, this.peer, subject, controls, kind, this.#context, io, queued);
  }

  #ownSubject(): Subject {
    let subject = (this.#subject ??= this.#makeSubject());
    // The strength of the connection changes when TLS starts, which the session is not told.
    if (subject.tlsSsf !== this.peer.tlsSsf) subject = this.#subject = this.#makeSubject();
    return subject;
  }

  #makeSubject(): Subject {
    const { peer } = this;
    const { dn, saslSsf } = this.#identity;
    return {
      dn,
      realDn: dn,
      peerName: peer.name,
      sockName: peer.localName,
      sockUrl: peer.listener,
      ssf: Math.max(peer.tlsSsf, peer.transportSsf, saslSsf),
      tlsSsf: peer.tlsSsf,
      transportSsf: peer.transportSsf,
      saslSsf,
    };
  }
}

type PerformedRequest = Exclude<AnsweredRequest, BindRequest>;

function perform(operation: OperationContext, request: PerformedRequest, io: OperationIO): MaybePromise<Response> {
  switch (request.op) {
    case 'search':
      return search(operation, request, io);
    case 'compare':
      return compare(operation, request);
    case 'add':
      return add(operation, request);
    case 'modify':
      return modify(operation, request);
    case 'modifyDN':
      return modifyDN(operation, request);
    case 'delete':
      return deleteEntry(operation, request);
    case 'extended':
      return extended(operation, request);
  }
}

function honour(controls: readonly Control[], honoured: ReadonlySet<ControlType>): OperationControls {
  return controls === noControls ? OperationControls.none : new OperationControls(controls, honoured);
}

function honouredBy(request: PerformedRequest): ReadonlySet<ControlType> {
  if (request.op !== 'extended') return honouredControls[request.op];
  return isKnownExtended(request.name) ? honouredControls.extended : honouredControls.unknownExtended;
}
