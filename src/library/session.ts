/** The library's way into a directory: an identity, and the LDAP operations as typed calls. */
import type { ExtendedResponse, Response } from '../ldap/response.js';
import { extendedOids } from '../ldap/extended.js';
import { withoutEntries } from '../directory/model.js';
import type { DirectorySession } from '../directory/session.js';
import { parseFilter } from '../filter/text.js';
import { noControls, type AnsweredMessage, type SearchRequest, type SearchScope } from '../ldap/request.js';
import { LdapError, ResultCode } from '../ldap/result.js';
import { decodeGeneratedPassword, encodePasswordModify } from '../protocol/password-modify-values.js';
import type { Entry } from './entry.js';
import { guarded } from './failure.js';
import { SearchResults } from './search-results.js';
import {
  bytesOf,
  controlsOf,
  modifications,
  partialAttributes,
  type AttributeChange,
  type Attributes,
  type OperationOptions,
  type Value,
} from './values.js';

const derefAliases = { never: 0, searching: 1, finding: 2, always: 3 } as const;

/** What to look for, and what of it to return. */
export interface SearchOptions extends OperationOptions {
  /** How far below the base to look: only there, one level, everything (the default), or everything but the base. */
  readonly scope?: SearchScope;
  /** RFC 4515 text; `(objectClass=*)` by default. */
  readonly filter?: string;
  /** Attribute descriptions to return, `*` for all user attributes (the default), `+` for all operational ones. */
  readonly attributes?: readonly string[];
  /** Entries to return at most; what the configuration allows by default (500, unlimited for the rootdn). */
  readonly sizeLimit?: number;
  /** Seconds the search may take; what the configuration allows by default. */
  readonly timeLimitSeconds?: number;
  /** Names of attributes only, no values. */
  readonly typesOnly?: boolean;
  /** Which aliases to follow; none by default. */
  readonly derefAliases?: keyof typeof derefAliases;
  /** Told the LDAP URLs of each referral object on the way. */
  readonly onReference?: (urls: readonly string[]) => void;
}

/** The new name, the new place, or both. */
export interface RenameOptions extends OperationOptions {
  /** The new first part of the name: `mail=new@one.example`. */
  readonly newRDN: string;
  /** The DN of the new parent; without it the entry stays below the old one. */
  readonly newSuperior?: string;
  /** Take the old RDN's value out of the entry (the default). */
  readonly deleteOldRDN?: boolean;
}

/** Whose password to change, and to what. Everything may be left out: then your own is replaced by a generated one. */
export interface PasswordChange {
  /** Whose password: a DN; the session's own by default. */
  readonly dn?: string;
  /** Checked where it is given. */
  readonly oldPassword?: Value;
  /** Without it one is made, and returned. */
  readonly newPassword?: Value;
}

/**
 * Somebody's view of a directory. All access rules hold for every call, and so do the limits of the configuration;
 * only the rootdn (`directory.root()`) is above them. A session costs next to nothing and needs no closing.
 *
 * All calls fail with LdapError, whose `code` is the LDAP result code. Writes resolve when they are on disk.
 *
 *     const session = await directory.bind('mail=ann@one.example,jvd=one.example,o=hosting,dc=myhosting,dc=example', 'pw');
 *     await session.modify(session.identity, [{ operation: 'replace', type: 'cn', values: 'Ann' }]);
 */
export class Session {
  readonly #session: DirectorySession;
  readonly #assertOpen: () => void;

  /**
   * Made by `directory.anonymous()`, `as()`, `root()` and `bind()`. `assertOpen` throws once the directory is closed.
   * @internal
   */
  constructor(session: DirectorySession, assertOpen: () => void) {
    this.#session = session;
    this.#assertOpen = assertOpen;
  }

  /** The DN that access is decided for; empty for an anonymous session. */
  get identity(): string {
    return this.#session.identity?.toString() ?? '';
  }

  /**
   * Searches at and below `base`. Nothing happens before the first entry is asked for.
   *
   *     const accounts = await session.search(domain, { scope: 'one', filter: '(objectClass=JammMailAccount)' }).toArray();
   */
  search(base: string, options: SearchOptions = {}): SearchResults {
    return new SearchResults((sink, signal) => {
      this.#assertOpen();
      return this.#session.perform({ request: searchRequest(base, options), controls: controlsOf(options) }, { sink, signal });
    }, options.onReference);
  }

  /**
   * Reads one entry by its name; undefined if there is none, or none that may be seen.
   *
   *     const account = await session.read(dn, { attributes: ['mailbox', 'quota'] });
   */
  async read(dn: string, options: Pick<SearchOptions, 'attributes' | 'manageDsaIT'> = {}): Promise<Entry | undefined> {
    try {
      const { value } = await this.search(dn, { ...options, scope: 'base' }).next();
      return value;
    } catch (error) {
      if (error instanceof LdapError && error.code === ResultCode.noSuchObject) return undefined;
      throw error;
    }
  }

  /**
   * Compares one value by the attribute's equality rule. Fails with 16 if the entry has no such attribute, 32 where
   * there is no such entry.
   */
  async compare(dn: string, type: string, value: Value, options: OperationOptions = {}): Promise<boolean> {
    const { code } = await this.#perform(() => ({
      request: { op: 'compare', entry: Buffer.from(dn), attribute: type, value: bytesOf(value) },
      controls: controlsOf(options),
    }));
    return code === ResultCode.compareTrue;
  }

  /**
   * Adds an entry. Fails with 68 if it exists, 32 without a parent, 65 where the schema forbids it, 21 for a value
   * that does not fit, 50 where access rules say no. Values of the RDN may be left out.
   *
   *     await session.add('jvd=one.example,o=hosting,dc=myhosting,dc=example', {
   *       objectClass: ['top', 'JammVirtualDomain'],
   *       accountActive: 'TRUE', lastChange: '0', delete: 'FALSE', editAccounts: 'TRUE', editPostmasters: 'TRUE',
   *     });
   */
  async add(dn: string, attributes: Attributes): Promise<void> {
    await this.#perform(() => ({
      request: { op: 'add', entry: Buffer.from(dn), attributes: partialAttributes(attributes) },
      controls: noControls,
    }));
  }

  /**
   * Changes an entry: all of `changes`, in order, or nothing. Fails with 16 for a value to delete that is not there, 20
   * for one to add that is, 65 where the outcome breaks the schema.
   *
   *     await session.modify(dn, [
   *       { operation: 'replace', type: 'accountActive', values: 'FALSE' },
   *       { operation: 'delete', type: 'description' },
   *     ]);
   */
  async modify(dn: string, changes: readonly AttributeChange[], options: OperationOptions = {}): Promise<void> {
    await this.#perform(() => ({
      request: { op: 'modify', object: Buffer.from(dn), changes: modifications(changes) },
      controls: controlsOf(options),
    }));
  }

  /**
   * Gives an entry, with all below it, a new name or place. Fails with 68 if that name is taken.
   *
   *     await session.rename(dn, { newRDN: 'mail=anna@one.example' });
   */
  async rename(dn: string, options: RenameOptions): Promise<void> {
    const { newRDN, newSuperior, deleteOldRDN = true } = options;
    await this.#perform(() => ({
      request: {
        op: 'modifyDN',
        entry: Buffer.from(dn),
        newRDN: Buffer.from(newRDN),
        deleteOldRDN,
        newSuperior: newSuperior === undefined ? undefined : Buffer.from(newSuperior),
      },
      controls: controlsOf(options),
    }));
  }

  /** Deletes an entry. Fails with 66 if there are entries below it, 32 where it does not exist. */
  async delete(dn: string, options: OperationOptions = {}): Promise<void> {
    await this.#perform(() => ({ request: { op: 'delete', entry: Buffer.from(dn) }, controls: controlsOf(options) }));
  }

  /**
   * Sets a password, hashed as the configuration's `password-hash` says (RFC 3062). Resolves with the password that was
   * made where none was given, else with undefined. Fails with 53 for a wrong old password, 8 for an anonymous session.
   *
   *     const made = await session.changePassword({ dn });
   */
  async changePassword(change: PasswordChange = {}): Promise<string | undefined> {
    const { responseValue }: ExtendedResponse = await this.#perform(() => ({
      request: { op: 'extended', name: extendedOids.passwordModify, value: encodePasswordModify(passwordRequest(change)) },
      controls: noControls,
    }));
    return responseValue && decodeGeneratedPassword(responseValue).toString();
  }

  /** `make` may throw: what is wrong with its parts rejects the promise, too. */
  async #perform(make: () => Omit<AnsweredMessage, 'messageId'>): Promise<Response> {
    return guarded(() => {
      this.#assertOpen();
      return this.#session.perform(make(), withoutEntries);
    });
  }
}

/** Throws FilterSyntaxError. */
function searchRequest(base: string, options: SearchOptions): SearchRequest {
  return {
    op: 'search',
    base: Buffer.from(base),
    scope: options.scope ?? 'sub',
    derefAliases: derefAliases[options.derefAliases ?? 'never'],
    sizeLimit: options.sizeLimit ?? 0,
    timeLimit: options.timeLimitSeconds ?? 0,
    typesOnly: options.typesOnly ?? false,
    filter: parseFilter(options.filter ?? '(objectClass=*)'),
    attributes: options.attributes ?? [],
  };
}

function passwordRequest({ dn, oldPassword, newPassword }: PasswordChange) {
  return {
    ...(dn !== undefined && { userIdentity: Buffer.from(dn) }),
    ...(oldPassword !== undefined && { oldPassword: bytesOf(oldPassword) }),
    ...(newPassword !== undefined && { newPassword: bytesOf(newPassword) }),
  };
}
