/**
 * The audit log: one line of JSON for each change that was made, or refused for lack of access, and for each login that failed
 * or was delayed. It records who, from where, which entry and which attributes, but never a value.
 */
import type { Control } from '../ldap/control.js';
import type { AddRequest, BindRequest, ExtendedRequest, ModifyDNRequest, ModifyRequest } from '../ldap/request.js';
import { extendedOids } from '../ldap/extended.js';
import { LdapError, ResultCode, resultCodeName } from '../ldap/result.js';
import { DN, Rdn } from '../dn/dn.js';
import { decodePasswordModify } from '../protocol/password-modify-values.js';
import { decodeEndTransaction } from '../protocol/transaction-values.js';
import type { Schema } from '../ldap/schema.js';
import type { CompletedOperation, OperationObserver } from '../server/model.js';
import { LineFile, type LineFileEvents } from './line-file.js';

const passwordModifyOid = '1.3.6.1.4.1.4203.1.11.1';

/** Refused because of who asks, or of how sure that is. */
const accessCodes: ReadonlySet<number> = new Set([
  ResultCode.strongerAuthRequired,
  ResultCode.confidentialityRequired,
  ResultCode.inappropriateAuthentication,
  ResultCode.invalidCredentials,
  ResultCode.insufficientAccessRights,
  ResultCode.authorizationDenied,
]);

/** What a line holds of a client's making: a stranger must not fill the disk with a few names. */
const textCharactersMax = 2_000;
const attributeCharactersMax = 200;
const attributesMax = 200;

export interface AuditFigures {
  /** Lines. */
  readonly written: number;
  readonly lost: number;
  readonly failing: boolean;
}

export interface AuditLogOptions {
  readonly path: string;
  /** To tell an entry's new name. */
  readonly schema: Schema;
  readonly events: LineFileEvents;
}

export class AuditLog implements OperationObserver {
  readonly #file: LineFile;
  readonly #schema: Schema;

  private constructor(file: LineFile, schema: Schema) {
    this.#file = file;
    this.#schema = schema;
  }

  /** Rejects with LineFileError. */
  static async open({ path, schema, events }: AuditLogOptions): Promise<AuditLog> {
    const lostLine = (lines: number): string => JSON.stringify({ time: new Date(), event: 'lost', lines });
    return new AuditLog(await LineFile.open({ path, events, lostLine }), schema);
  }

  get figures(): AuditFigures {
    const { written, lost, failing } = this.#file;
    return { written, lost, failing };
  }

  reopen(): void {
    this.#file.reopen();
  }

  /** Writes what waits; answers how many lines could not be written. */
  close(): Promise<number> {
    return this.#file.close();
  }

  wants(operation: CompletedOperation['request']['op'], code: number): boolean {
    switch (operation) {
      case 'add':
      case 'modify':
      case 'modifyDN':
      case 'delete':
        return code === ResultCode.success || accessCodes.has(code);
      case 'bind':
      case 'extended':
        // Whether they concern us is to be seen in the request.
        return true;
      case 'search':
      case 'compare':
      case 'unbind':
      case 'abandon':
        return false;
    }
  }

  completed(operation: CompletedOperation): void {
    const what = this.#what(operation);
    if (!what) return;
    const { connection, operation: number, peer, identity, controls, code, abandoned, milliseconds, throttledMs } = operation;
    const { event, ...details } = what;
    this.#file.append(
      JSON.stringify({
        time: new Date().toISOString(),
        event,
        conn: connection,
        op: number,
        // After a bind: who it made the session.
        who: identity ? cut(identity.toString()) : 'anonymous',
        authzid: authzIdOf(controls),
        from: peer.name,
        ...details,
        code,
        result: resultCodeName(code),
        ms: Math.round(milliseconds * 1_000) / 1_000,
        transaction: controls.some(({ type }) => type === 'transactionSpecification') ? 'queued' : undefined,
        throttledMs: throttledMs > 0 ? throttledMs : undefined,
        abandoned: abandoned || undefined,
      }),
    );
  }

  #what({ request, code, identity, throttledMs, triedName }: CompletedOperation): Details | undefined {
    switch (request.op) {
      case 'add':
        return { event: 'add', dn: nameOf(request.entry), ...addedAttributes(request) };
      case 'modify':
        return { event: 'modify', dn: nameOf(request.object), ...changesOf(request) };
      case 'modifyDN':
        return { event: 'modifyDN', dn: nameOf(request.entry), ...this.#renaming(request) };
      case 'delete':
        return { event: 'delete', dn: nameOf(request.entry) };
      case 'extended':
        if (request.name === extendedOids.endTransaction) return endOfTransaction(request);
        return isAudited(request, code) ? passwordModify(request, identity) : undefined;
      case 'bind':
        return isAuditedLogin(code, throttledMs) ? loginOf(request, triedName) : undefined;
      default:
        return undefined;
    }
  }

  #renaming({ entry, newRDN, deleteOldRDN, newSuperior }: ModifyDNRequest): object {
    return {
      newDn: this.#newName(entry, newRDN, newSuperior),
      newRdn: nameOf(newRDN),
      deleteOldRdn: deleteOldRDN,
      newSuperior: newSuperior && nameOf(newSuperior),
    };
  }

  /** Undefined if the names are none: the client has been told so. */
  #newName(entry: Buffer, newRDN: Buffer, newSuperior: Buffer | undefined): string | undefined {
    try {
      const parent = newSuperior ? DN.parse(newSuperior, this.#schema) : DN.parse(entry, this.#schema).parent;
      return parent && cut(parent.child(Rdn.parse(newRDN, this.#schema)).toString());
    } catch (error) {
      if (error instanceof LdapError) return undefined;
      throw error;
    }
  }
}

type Details = { readonly event: string } & Readonly<Record<string, unknown>>;

/** The first half of a SCRAM login is none yet. */
function isAuditedLogin(code: number, throttledMs: number): boolean {
  if (code === ResultCode.saslBindInProgress) return false;
  return code !== ResultCode.success || throttledMs > 0;
}

/** A Password Modify that was made or refused for lack of access; a wrong old password (53) counts. */
function isAudited({ name }: ExtendedRequest, code: number): boolean {
  if (name !== passwordModifyOid) return false;
  return code === ResultCode.success || code === ResultCode.unwillingToPerform || accessCodes.has(code);
}

function passwordModify({ value }: ExtendedRequest, self: DN | undefined): Details {
  let named: Buffer | undefined;
  let generated: boolean | undefined;
  try {
    const request = value ? decodePasswordModify(value) : {};
    named = request.userIdentity;
    generated = request.newPassword === undefined;
  } catch (error) {
    if (!(error instanceof LdapError)) throw error;
  }
  const dn = named && named.length > 0 ? nameOf(named) : self && cut(self.toString());
  return { event: 'passwordModify', dn, changes: [{ change: 'replace', attribute: 'userPassword' }], generated };
}

/** What became of the changes that were queued on this connection. */
function endOfTransaction({ value }: ExtendedRequest): Details | undefined {
  try {
    return { event: 'endTransaction', commit: decodeEndTransaction(value).commit };
  } catch (error) {
    if (error instanceof LdapError) return undefined;
    throw error;
  }
}

function loginOf({ name, authentication }: BindRequest, triedName: DN | undefined): Details {
  const { method } = authentication;
  const mechanism = authentication.method === 'sasl' ? cut(authentication.mechanism) : undefined;
  return { event: 'bind', dn: triedName ? cut(triedName.toString()) : nameOf(name), method, mechanism };
}

function addedAttributes({ attributes }: AddRequest): object {
  const names = attributes.slice(0, attributesMax).map(({ type }) => cut(type, attributeCharactersMax));
  return { attributes: names, ...moreThan(attributes.length) };
}

function changesOf({ changes }: ModifyRequest): object {
  const shown = changes
    .slice(0, attributesMax)
    .map(({ operation, attribute }) => ({ change: operation, attribute: cut(attribute.type, attributeCharactersMax) }));
  return { changes: shown, ...moreThan(changes.length) };
}

function moreThan(count: number): object {
  return count > attributesMax ? { more: count - attributesMax } : {};
}

function authzIdOf(controls: readonly Control[]): string | undefined {
  const proxied = controls.find((control) => control.type === 'proxiedAuthorization');
  return proxied && cut(proxied.authzId);
}

function nameOf(name: Buffer): string {
  return cut(name.toString());
}

function cut(text: string, charactersMax = textCharactersMax): string {
  return text.length > charactersMax ? `${text.slice(0, charactersMax)}...` : text;
}
