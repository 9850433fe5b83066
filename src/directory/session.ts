/**
 * An identity on a directory: the one way in for every front end. Turns requests into operations, so that no code path
 * reaches the store without an identity, its access rules and the checks that all operations share.
 */
import type { Subject } from '../access/model.js';
import type { OperationKind } from '../config/model.js';
import type { DN } from '../dn/dn.js';
import { noControls } from '../ldap/request.js';
import type { Control, ControlType } from '../ldap/control.js';
import type { AnsweredMessage, BindRequest } from '../ldap/request.js';
import { add } from './operations/add.js';
import { bind } from './operations/bind.js';
import { compare } from './operations/compare.js';
import { honouredControls, OperationControls } from './controls/controls.js';
import { deleteEntry } from './operations/delete.js';
import type { DirectoryEnvironment } from './environment.js';
import { extended, isKnownExtended } from './operations/extended.js';
import type { MaybePromise, OperationIO, Peer, Session } from './model.js';
import type { BindResponse, Response } from '../ldap/response.js';
import { modify } from './operations/modify.js';
import { modifyDN } from './operations/modify-dn.js';
import { OperationContext } from './operations/operation.js';
import { proxiedIdentity } from './controls/proxy.js';
import { checkReadControls } from './controls/read-entry.js';
import { anonymous, type Identity, type SessionContext } from './session-context.js';
import { search } from './search/search.js';
import type { OperationTrace } from './trace.js';

export class DirectorySession implements Session {
  #identity: Identity = anonymous;
  #subject: Subject | undefined;
  readonly #context: SessionContext = { boundVersion: 0, paging: undefined };

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
    this.#identity = identity;
    this.#subject = undefined;
  }

  /** For programs that embed the directory: speak as `dn` without a bind. */
  assume(dn: DN | undefined): void {
    this.#become({ dn, saslSsf: 0 });
  }

  perform({ request, controls }: Omit<AnsweredMessage, 'messageId'>, io: OperationIO): MaybePromise<Response> {
    const { trace } = io;
    switch (request.op) {
      case 'search':
        return search(this.#operation('search', controls, honouredControls.search, trace), request, io);
      case 'bind':
        return this.#bind(request, controls, trace);
      case 'compare':
        return compare(this.#operation('compare', controls, honouredControls.compare, trace), request);
      case 'add':
        return add(this.#operation('add', controls, honouredControls.add, trace), request);
      case 'modify':
        return modify(this.#operation('modify', controls, honouredControls.modify, trace), request);
      case 'modifyDN':
        return modifyDN(this.#operation('rename', controls, honouredControls.modifyDN, trace), request);
      case 'delete':
        return deleteEntry(this.#operation('delete', controls, honouredControls.delete, trace), request);
      case 'extended': {
        const honoured = isKnownExtended(request.name) ? honouredControls.extended : honouredControls.unknownExtended;
        return extended(this.#operation('extended', controls, honoured, trace), request);
      }
    }
  }

  #bind(request: BindRequest, controls: readonly Control[], trace: OperationTrace | undefined): MaybePromise<BindResponse> {
    this.reset();
    const outcome = bind(this.#operation('bind', controls, honouredControls.bind, trace), request);
    if (outcome instanceof Promise) return outcome.then((answer) => this.#bound(answer, request.version));
    return this.#bound(outcome, request.version);
  }

  #bound(answer: { identity: Identity; response: BindResponse }, version: number): BindResponse {
    this.#become(answer.identity);
    this.#context.boundVersion = version;
    return answer.response;
  }

  #operation(
    kind: OperationKind,
    controls: readonly Control[],
    honoured: ReadonlySet<ControlType>,
    trace: OperationTrace | undefined,
  ): OperationContext {
    const wanted = controls === noControls ? OperationControls.none : new OperationControls(controls, honoured);
    if (wanted !== OperationControls.none) checkReadControls(wanted, this.directory.schema);
    let subject = (this.#subject ??= this.#makeSubject());
    // The strength of the connection changes when TLS starts, which the session is not told.
    if (subject.tlsSsf !== this.peer.tlsSsf) subject = this.#subject = this.#makeSubject();
    const proxied = wanted.get('proxiedAuthorization');
    if (proxied) {
      const dn = proxiedIdentity(this.directory, subject, proxied);
      subject = { ...subject, dn, realDn: subject.dn };
    }
    return new OperationContext(this.directory, this.peer, subject, wanted, kind, this.#context, trace);
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
