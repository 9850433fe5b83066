/**
 * Maps the identity a client claims to a DN (RFC 4513 section 5.2.1.8): authorization identities (`dn:`, `u:`), and
 * `authz-regexp`, which turns authentication identities (`gidNumber=0+uidNumber=0,cn=peercred,...`) into those of entries,
 * by text or by a search. As in slapd, such names are spelled in their normalised form from here on.
 */
import { Privilege, type AccessEvaluator } from '../../access/model.js';
import type { DN } from '../../dn/dn.js';
import { parseFilter } from '../../filter/text.js';
import type { SearchRequest } from '../../ldap/request.js';
import { LdapError } from '../../ldap/result.js';
import type { EntryReader } from '../../store/model.js';
import { OperationControls } from '../controls/controls.js';
import type { Database } from '../database.js';
import type { MaybePromise } from '../model.js';
import { OperationContext } from '../operations/operation.js';
import { search } from '../search/search.js';
import { parseName, type Asker } from './asker.js';
import { parseLocalUrl } from './local-url.js';

/** Seconds that the search of an `authz-regexp` may take. */
const searchSeconds = 10;

/**
 * The DN that an authorization identity stands for; an empty one is anonymous. Undefined where it cannot be read. With
 * `mechanism`, `u:` names are users of that SASL mechanism.
 */
export function identityOf(asker: Asker, authzId: string, mechanism?: string): MaybePromise<DN | undefined> {
  const [, kind, text = ''] = /^(dn|u):(.*)$/is.exec(authzId) ?? [];
  if (kind === undefined || (kind.toLowerCase() === 'u' && text === '')) return undefined;
  const name = kind.toLowerCase() === 'dn' ? text : userName(text, mechanism);
  const dn = parseName(asker.directory, name);
  return !dn || dn.isEmpty ? dn : mapIdentity(asker, dn);
}

/** What `authz-regexp` gets to see of a user: `uid=ann,cn=scram-sha-256,cn=auth`. */
export function userName(user: string, mechanism?: string): string {
  const where = mechanism === undefined ? '' : `,cn=${mechanism.toLowerCase()}`;
  return `uid=${escapeValue(user)}${where},cn=auth`;
}

function escapeValue(text: string): string {
  return text.replace(/[\\",+<>;=#\s\0]/g, (character) =>
    [...Buffer.from(character)].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join(''),
  );
}

/** The first expression that matches decides; an identity that none matches, or that leads nowhere, stays as it is. */
export function mapIdentity(asker: Asker, identity: DN): MaybePromise<DN> {
  const { directory } = asker;
  const unmapped = parseName(directory, identity.normalized) ?? identity;
  for (const { pattern, replacement } of directory.config.authzRegexps) {
    const match = pattern.exec(identity.normalized);
    if (!match) continue;
    const isUrl = /^ldap:/i.test(replacement);
    const mapped = replacement.replace(/\$(\d)/g, (_, digit: string) => {
      const part = match[Number(digit)] ?? '';
      return isUrl ? escapeForUrl(part) : part;
    });
    if (isUrl) return entryFound(asker, mapped, unmapped);
    const dn = parseName(directory, mapped.replace(/^dn:/i, ''));
    return dn ? (parseName(directory, dn.normalized) ?? dn) : unmapped;
  }
  return unmapped;
}

/** A user's name must not become part of the filter's syntax, or of the URL's. */
function escapeForUrl(part: string): string {
  return part.replace(/[*()%?]/g, (character) => {
    const hex = character.charCodeAt(0).toString(16).padStart(2, '0');
    return character === '%' || character === '?' ? `%${hex}` : `\\${hex}`;
  });
}

/** The one entry that the URL's search finds with `auth` access; `unmapped` where there is none, or more than one. */
function entryFound(asker: Asker, text: string, unmapped: DN): MaybePromise<DN> {
  const { directory } = asker;
  const url = parseLocalUrl(text, directory);
  if (!url) return unmapped;
  const found: string[] = [];
  const result = (): DN => {
    const [name] = found;
    const dn = found.length === 1 && name !== undefined ? parseName(directory, name) : undefined;
    return dn ? (parseName(directory, dn.normalized) ?? dn) : unmapped;
  };
  try {
    const request: SearchRequest = {
      op: 'search',
      base: Buffer.from(url.base.toString()),
      scope: url.scope,
      derefAliases: 0,
      sizeLimit: 2,
      timeLimit: searchSeconds,
      typesOnly: false,
      filter: parseFilter(url.filter),
      attributes: ['1.1'],
    };
    const sink = {
      entry: ({ record }: { readonly record: { readonly dn: string } }) => found.push(record.dn) > 0,
      reference: () => true,
      drained: () => Promise.resolve(),
    };
    const done = search(new IdentitySearch(asker), request, { sink, signal: { stopped: undefined } });
    return done instanceof Promise ? done.then(result, (error: unknown) => ignoreRefusal(error, result)) : result();
  } catch (error) {
    return ignoreRefusal(error, result);
  }
}

/** A base that is not there finds nobody, and so does a second entry beyond the limit of two. */
function ignoreRefusal(error: unknown, result: () => DN): DN {
  if (error instanceof LdapError || (error instanceof Error && error.name === 'FilterSyntaxError')) return result();
  throw error;
}

/** A search that logging in makes: what it looks at takes `auth` access, and what is required of searches does not apply. */
class IdentitySearch extends OperationContext {
  constructor({ directory, peer, subject }: Asker) {
    super(
      directory,
      peer,
      subject,
      OperationControls.none,
      'search',
      { boundVersion: 0, paging: undefined, mustChangePassword: false },
      {},
    );
  }

  override checkAllowed(): void {
    // The bind has been allowed, or the operation that is done on somebody's behalf.
  }

  override evaluator(database: Database, reader: EntryReader): AccessEvaluator {
    const access = super.evaluator(database, reader);
    return {
      dependsOnValues: access.dependsOnValues,
      allows: (entry, target, _, value) => access.allows(entry, target, Privilege.auth, value),
    };
  }
}
