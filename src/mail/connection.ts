/**
 * One LDAP connection that carries one identity, as the use cases need it: entries with plain string lists, listings
 * that survive the server's size limit, Password Modify, and failures as MailErrors. Once its socket is gone it stays
 * gone: ldapts would silently reconnect, and carry on as anonymous.
 */
import {
  AdminLimitExceededError,
  Attribute,
  BerReader,
  BerWriter,
  Change,
  Client,
  InappropriateAuthError,
  InvalidCredentialsError,
  NoSuchAttributeError,
  NoSuchObjectError,
  ResultCodeError,
  SizeLimitExceededError,
  TypeOrValueExistsError,
  UnwillingToPerformError,
  type Entry as LdaptsEntry,
  type Filter,
} from 'ldapts';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { isAnyOf, isCode, sessionLost, translate, unavailable, wrongCredentials } from './directory-errors.js';
import { isMailError, MailError } from './errors.js';
import { told } from './told.js';
import { toMailEntry, type MailEntry } from './mail-entry.js';

export interface ConnectionOptions {
  /** ldap:// or ldaps:// with host and port, or ldapi:// with the path of a socket: `ldapi://%2Frun%2Fslapd%2Fldapi`. */
  readonly url: string;
  /** Upgrade an ldap:// connection with StartTLS before anything is sent. */
  readonly startTls?: boolean;
  /** PEM file of the authority that signed the server's certificate, for ldaps:// and StartTLS. */
  readonly caFile?: string;
  /** Milliseconds one operation may take. */
  readonly timeoutMs?: number;
}

const defaultTimeoutMs = 30_000;
const connectTimeoutMs = 5_000;
/** slapd's own default. */
const modestSizeLimit = 500;
/** No server in use stops below this. */
const unlimitedSize = 50;
const defaultSocketPath = '/var/run/slapd/ldapi';
const whoAmIOid = '1.3.6.1.4.1.4203.1.11.3';
const passwordModifyOid = '1.3.6.1.4.1.4203.1.11.1';
const passwordModifyTag = { userIdentity: 0x80, oldPassword: 0x81, newPassword: 0x82, generated: 0x80 } as const;

export interface ListRequest {
  readonly filter: Filter;
  readonly attributes: readonly string[];
  readonly scope?: 'one' | 'sub';
  /** Entries wanted at most. */
  readonly max: number;
}

interface Search {
  readonly scope: 'one' | 'sub';
  readonly filter: Filter;
  readonly attributes: string[];
}

export interface Listing {
  readonly entries: readonly MailEntry[];
  /** There are more than `max`, or than the server shows this person in one search. */
  readonly cut: boolean;
}

export type EntryChange = readonly [operation: 'add' | 'delete' | 'replace', type: string, values: readonly string[]];

export class DirectoryConnection {
  readonly #client: Client;
  /** The server's size limit for this identity, once it has been met. */
  #sizeLimit: number | undefined;
  /** A result of this many entries was complete, so the size limit is not below. */
  #completeSize = unlimitedSize;
  #bound = false;
  #closed = false;

  private constructor(
    client: Client,
    readonly options: ConnectionOptions,
  ) {
    this.#client = client;
  }

  /** An anonymous connection. @throws MailError `unavailable` */
  static async open(options: ConnectionOptions): Promise<DirectoryConnection> {
    const tlsOptions = options.caFile === undefined ? {} : { ca: [readFileSync(options.caFile)] };
    const secure = options.url.startsWith('ldaps:');
    const socketPath = localSocketPath(options.url);
    const client = new Client({
      // ldapts knows no ldapi://, but takes whatever connection it is given.
      url: socketPath === undefined ? options.url : 'ldap://localhost',
      ...(socketPath === undefined ? {} : { createConnection: () => connect(socketPath) }),
      timeout: options.timeoutMs ?? defaultTimeoutMs,
      connectTimeout: connectTimeoutMs,
      ...(secure ? { tlsOptions } : {}),
    });
    try {
      if (options.startTls) await client.startTLS({ ...tlsOptions, host: new URL(options.url).hostname });
      // ldapts connects with the first request; this one also proves that the server answers.
      await client.search('', { scope: 'base', attributes: ['1.1'] });
    } catch (error) {
      await client.unbind().catch(() => undefined);
      throw unavailable(options.url, error);
    }
    return new DirectoryConnection(client, options);
  }

  get isOpen(): boolean {
    return !this.#closed && this.#client.isConnected && (!this.#bound || this.#client.isBound);
  }

  /** @throws MailError `credentials` when name and password do not belong together */
  async bind(dn: string, password: string): Promise<void> {
    this.#requireOpen();
    // An empty password would be an unauthenticated bind (RFC 4513 section 5.1.2), which proves nothing.
    if (password === '') throw wrongCredentials();
    try {
      await this.#client.bind(dn, password);
    } catch (error) {
      if (isAnyOf(error, InvalidCredentialsError, InappropriateAuthError) || isCode(error, 34)) throw wrongCredentials();
      throw translate(error);
    }
    this.#bound = true;
    this.#sizeLimit = undefined;
    this.#completeSize = unlimitedSize;
  }

  /** Whether a password is right for a name; asked on a connection of its own, so that this one keeps its identity. */
  async isPassword(dn: string, password: string): Promise<boolean> {
    const other = await DirectoryConnection.open(this.options);
    try {
      await other.bind(dn, password);
      return true;
    } catch (error) {
      if (isMailError(error, 'credentials')) return false;
      throw error;
    } finally {
      await other.close();
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#client.unbind().catch(() => undefined);
  }

  /** One entry, or undefined where there is none, it does not match or it may not be seen. */
  async read(dn: string, attributes: readonly string[], filter?: Filter): Promise<MailEntry | undefined> {
    try {
      const search = { scope: 'base' as const, attributes: [...attributes], ...(filter === undefined ? {} : { filter }) };
      const result = await this.#run(() => this.#client.search(dn, search));
      return result.searchEntries.map(toMailEntry)[0];
    } catch (error) {
      if (error instanceof NoSuchObjectError) return undefined;
      throw translate(error);
    }
  }

  /**
   * An entry's name in the server's own spelling; undefined where there is none or it may not be seen. Names have many
   * spellings (other names of an attribute, escapes, case), and only the server knows which are the same.
   */
  async nameOf(dn: string): Promise<string | undefined> {
    try {
      return (await this.read(dn, ['1.1']))?.dn;
    } catch (error) {
      // Not a DN, or nothing that a stranger may ask for.
      if (isMailError(error, 'invalid', 'denied', 'unavailable')) return undefined;
      throw error;
    }
  }

  /** Who this connection is to the server (RFC 4532): a DN in its spelling; undefined where it cannot tell. */
  async whoAmI(): Promise<string | undefined> {
    try {
      const { value } = await this.#run(() => this.#client.exop(whoAmIOid));
      return value?.startsWith('dn:') && value.length > 3 ? value.slice(3) : undefined;
    } catch (error) {
      if (error instanceof ResultCodeError) return undefined;
      throw translate(error);
    }
  }

  /**
   * Up to `max` entries, and whether there are more. A server that stops at its own limit is not told from one that has
   * no more: ldapts hides that code where the request has a limit, and drops the entries where it has none. So a result
   * bigger than any that was complete before is checked once, without a limit. (Paged results would tell, but a
   * connection can have one paged search at a time.)
   */
  async list(base: string, request: ListRequest): Promise<Listing> {
    const { filter, attributes, scope = 'one', max } = request;
    const search = { scope, filter, attributes: [...attributes] };
    const found = await this.#searchUpTo(base, search, max + 1);
    const entries = found.slice(0, max).map(toMailEntry);
    if (found.length > max) return { entries, cut: true };
    if (this.#sizeLimit !== undefined) return { entries, cut: found.length >= this.#sizeLimit };
    if (found.length > this.#completeSize && !(await this.#isComplete(base, search))) {
      this.#sizeLimit = found.length;
      return { entries, cut: true };
    }
    this.#completeSize = Math.max(this.#completeSize, found.length);
    return { entries, cut: false };
  }

  async #searchUpTo(base: string, search: Search, sizeLimit: number): Promise<LdaptsEntry[]> {
    try {
      const result = await this.#run(() => this.#client.search(base, { ...search, sizeLimit }));
      return result.searchEntries;
    } catch (error) {
      if (error instanceof NoSuchObjectError) return [];
      // slapd refuses to be asked for more than a hard limit allows.
      if (error instanceof AdminLimitExceededError && sizeLimit > modestSizeLimit)
        return this.#searchUpTo(base, search, modestSizeLimit);
      throw translate(error);
    }
  }

  async #isComplete(base: string, search: Search): Promise<boolean> {
    try {
      await this.#run(() => this.#client.search(base, { ...search, attributes: ['1.1'] }));
      return true;
    } catch (error) {
      if (isAnyOf(error, SizeLimitExceededError, AdminLimitExceededError)) return false;
      throw translate(error);
    }
  }

  /** @throws MailError `exists` */
  async add(dn: string, attributes: Readonly<Record<string, readonly string[]>>): Promise<void> {
    const list = Object.entries(attributes).map(([type, values]) => new Attribute({ type, values: [...values] }));
    await this.#change(() => this.#client.add(dn, list));
  }

  async modify(dn: string, changes: readonly EntryChange[]): Promise<void> {
    const list = changes.map(
      ([operation, type, values]) => new Change({ operation, modification: new Attribute({ type, values: [...values] }) }),
    );
    await this.#change(() => this.#client.modify(dn, list));
  }

  /** The same, where the change having been made already (by someone else, just now) is as good. */
  async modifyUnlessDone(dn: string, changes: readonly EntryChange[]): Promise<boolean> {
    try {
      await this.modify(dn, changes);
      return true;
    } catch (error) {
      const cause = error instanceof MailError ? error.cause : undefined;
      if (isAnyOf(cause, NoSuchAttributeError, TypeOrValueExistsError)) return false;
      throw error;
    }
  }

  /** @param newRdn with special characters as hex pairs: ldapts would take a comma for the start of a new parent */
  async rename(dn: string, newRdn: string): Promise<void> {
    await this.#change(() => this.#client.modifyDN(dn, newRdn));
  }

  async delete(dn: string): Promise<void> {
    await this.#change(() => this.#client.del(dn));
  }

  /**
   * Password Modify (RFC 3062). Without `newPassword` the server makes one, which is returned.
   *
   * @throws MailError `credentials` when `oldPassword` is wrong
   */
  async changePassword(
    dn: string,
    passwords: { readonly oldPassword?: string; readonly newPassword?: string },
  ): Promise<string | undefined> {
    const writer = new BerWriter();
    writer.startSequence();
    writer.writeString(dn, passwordModifyTag.userIdentity);
    if (passwords.oldPassword !== undefined) writer.writeString(passwords.oldPassword, passwordModifyTag.oldPassword);
    if (passwords.newPassword !== undefined) writer.writeString(passwords.newPassword, passwordModifyTag.newPassword);
    writer.endSequence();
    try {
      const result = await this.#run(() => this.#client.exop(passwordModifyOid, writer.buffer));
      return passwords.newPassword === undefined ? generatedPassword(result.value) : undefined;
    } catch (error) {
      if (passwords.oldPassword !== undefined && isAnyOf(error, UnwillingToPerformError, InvalidCredentialsError)) {
        throw new MailError('credentials', told('oldWrong'), 'old', { cause: error });
      }
      throw translate(error);
    }
  }

  async #change(operation: () => Promise<void>): Promise<void> {
    try {
      await this.#run(operation);
    } catch (error) {
      throw translate(error);
    }
  }

  async #run<T>(operation: () => Promise<T>): Promise<T> {
    this.#requireOpen();
    return operation();
  }

  #requireOpen(): void {
    if (!this.isOpen) throw sessionLost();
  }
}

/** The path in an ldapi:// URL; undefined for other URLs. */
function localSocketPath(url: string): string | undefined {
  const encoded = /^ldapi:\/\/([^/?]*)/i.exec(url)?.[1];
  return encoded === undefined ? undefined : decodeURIComponent(encoded) || defaultSocketPath;
}

function generatedPassword(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const reader = new BerReader(Buffer.from(value, 'utf8'));
  reader.readSequence();
  return reader.readString(passwordModifyTag.generated) ?? undefined;
}
