/** A directory in memory, from slapd.conf text, and the calls that tests make on it. */
import { parseConfig } from '../../src/config/parse.js';
import { defaultConfigText } from '../../src/config/default.js';
import { Directory } from '../../src/directory/directory.js';
import { withoutEntries, type OperationIO, type OperationSignal, type Peer, type SearchSink } from '../../src/directory/model.js';
import type { Response } from '../../src/ldap/response.js';
import type { DirectorySession } from '../../src/directory/session.js';
import type { Filter } from '../../src/ldap/filter.js';
import { parseFilter } from '../../src/filter/text.js';
import type { Control } from '../../src/ldap/control.js';
import type { AnsweredRequest, Modification, PartialAttribute, SearchRequest, SearchScope } from '../../src/ldap/request.js';
import { LdapError } from '../../src/ldap/result.js';

export const suffix = 'dc=myhosting,dc=example';
export const hosting = `o=hosting,${suffix}`;
export const manager = `cn=Manager,${suffix}`;
export const managerPassword = 'secret';

export type Attributes = Record<string, string | readonly string[]>;

const peer: Peer = {
  address: '127.0.0.1',
  name: 'IP=127.0.0.1:40000',
  listener: 'ldap://127.0.0.1:3890/',
  tlsSsf: 0,
  transportSsf: 0,
  externalIdentity: undefined,
};

export interface DirectoryOptions {
  /** The folder of the database; in memory without. */
  readonly folder?: string;
  /** Lines before the database section. */
  readonly before?: string;
  /** Without the default configuration's access rules. */
  readonly ownRules?: boolean;
}

/** The default configuration, with these lines at the end of its database section. */
export async function openDirectory(
  more = '',
  { folder, before = '', ownRules = false }: DirectoryOptions = {},
): Promise<Directory> {
  const place = folder === undefined ? {} : { directory: folder };
  const standard = defaultConfigText({ rootPassword: managerPassword, ...place });
  const rules = ownRules ? standard.replace(/^access to[^\n]*\n(?:[ \t]+[^\n]*\n)*/gm, '') : standard;
  const text = `${rules.replace(/^database /m, (line) => `${before}\n${line}`)}\n${more}\n`;
  const { config, diagnostics } = parseConfig({ file: 'test.conf', text });
  if (!config) throw new Error(diagnostics.map(({ message }) => message).join('; '));
  return Directory.open(config, { inMemory: folder === undefined });
}

export interface Found {
  readonly dn: string;
  readonly attributes: Readonly<Record<string, readonly string[]>>;
}

export interface SearchOptions {
  readonly scope?: SearchScope;
  readonly filter?: string | Filter;
  readonly attributes?: readonly string[];
  readonly controls?: readonly Control[];
  readonly sizeLimit?: number;
  /** Seconds. */
  readonly timeLimit?: number;
  /** Resolves when the receiver can take more, after `onEntry` answered false. */
  readonly drained?: () => Promise<void>;
  readonly typesOnly?: boolean;
  readonly derefAliases?: number;
  readonly signal?: OperationSignal;
  readonly onEntry?: (entry: Found) => boolean;
}

export interface SearchOutcome extends Response {
  readonly entries: readonly Found[];
  readonly references: readonly (readonly string[])[];
}

/** A session with requests as plain words. Results are returned, LdapErrors among them; other errors are thrown. */
export class Client {
  readonly session: DirectorySession;

  constructor(directory: Directory, facts: Partial<Peer> = {}) {
    this.session = directory.openSession({ ...peer, ...facts });
  }

  perform(request: AnsweredRequest, controls: readonly Control[] = [], io: OperationIO = withoutEntries): Promise<Response> {
    return outcome(() => this.session.perform({ request, controls }, io));
  }

  bind(dn: string, password: string): Promise<Response> {
    const authentication = { method: 'simple', password: Buffer.from(password) } as const;
    return this.perform({ op: 'bind', version: 3, name: Buffer.from(dn), authentication });
  }

  add(dn: string, attributes: Attributes, controls: readonly Control[] = []): Promise<Response> {
    return this.perform({ op: 'add', entry: Buffer.from(dn), attributes: partialAttributes(attributes) }, controls);
  }

  modify(dn: string, changes: readonly Modification[], controls: readonly Control[] = []): Promise<Response> {
    return this.perform({ op: 'modify', object: Buffer.from(dn), changes }, controls);
  }

  delete(dn: string, controls: readonly Control[] = []): Promise<Response> {
    return this.perform({ op: 'delete', entry: Buffer.from(dn) }, controls);
  }

  rename(dn: string, newRDN: string, newSuperior?: string, deleteOldRDN = true): Promise<Response> {
    return this.perform({
      op: 'modifyDN',
      entry: Buffer.from(dn),
      newRDN: Buffer.from(newRDN),
      deleteOldRDN,
      newSuperior: newSuperior === undefined ? undefined : Buffer.from(newSuperior),
    });
  }

  compare(dn: string, attribute: string, value: string): Promise<Response> {
    return this.perform({ op: 'compare', entry: Buffer.from(dn), attribute, value: Buffer.from(value) });
  }

  async search(base: string, options: SearchOptions = {}): Promise<SearchOutcome> {
    const entries: Found[] = [];
    const references: (readonly string[])[] = [];
    const sink: SearchSink = {
      entry: ({ record, ranges, extra }) => {
        const entry = { dn: record.dn, attributes: decode(record.buffer, ranges, extra) };
        entries.push(entry);
        return options.onEntry?.(entry) ?? true;
      },
      reference: (urls) => {
        references.push(urls);
        return true;
      },
      drained: options.drained ?? (() => new Promise((resolve) => setImmediate(resolve))),
    };
    const request: SearchRequest = {
      op: 'search',
      base: Buffer.from(base),
      scope: options.scope ?? 'sub',
      derefAliases: options.derefAliases ?? 0,
      sizeLimit: options.sizeLimit ?? 0,
      timeLimit: options.timeLimit ?? 0,
      typesOnly: options.typesOnly ?? false,
      filter: typeof options.filter === 'object' ? options.filter : parseFilter(options.filter ?? '(objectClass=*)'),
      attributes: options.attributes ?? [],
    };
    const signal = options.signal ?? { stopped: undefined };
    const response = await this.perform(request, options.controls, { sink, signal });
    return { ...response, entries, references };
  }
}

async function outcome(run: () => Response | Promise<Response>): Promise<Response> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof LdapError)) throw error;
    const { code, matchedDN, diagnostic, controls } = error;
    return { code, matchedDN, diagnostic, ...(controls && { controls }) };
  }
}

export function partialAttributes(attributes: Attributes): PartialAttribute[] {
  return Object.entries(attributes).map(([type, values]) => ({
    type,
    values: [values].flat().map((value) => Buffer.from(value)),
  }));
}

export function change(operation: Modification['operation'], type: string, ...values: string[]): Modification {
  return { operation, attribute: { type, values: values.map((value) => Buffer.from(value)) } };
}

/** Reads PartialAttributes back from a record's bytes (lengths below 64 KiB are all that tests make). */
function decode(buffer: Buffer, ranges: readonly number[], extra: readonly PartialAttribute[]): Found['attributes'] {
  const attributes: Record<string, string[]> = {};
  for (let index = 0; index < ranges.length; index += 2) {
    for (let position = ranges[index]!; position < ranges[index + 1]!;) {
      const attribute = element(buffer, position);
      const type = element(buffer, attribute.start);
      const set = element(buffer, type.end);
      const values: string[] = [];
      for (let at = set.start; at < set.end; at = element(buffer, at).end) {
        const value = element(buffer, at);
        values.push(buffer.toString('utf8', value.start, value.end));
      }
      attributes[buffer.toString('utf8', type.start, type.end)] = values;
      position = attribute.end;
    }
  }
  for (const { type, values } of extra) attributes[type] = values.map((value) => value.toString());
  return attributes;
}

function element(buffer: Buffer, position: number): { start: number; end: number } {
  const first = buffer[position + 1]!;
  const octets = first < 0x80 ? 0 : first & 0x7f;
  const length = octets === 0 ? first : buffer.readUIntBE(position + 2, octets);
  const start = position + 2 + octets;
  return { start, end: start + length };
}

export function account(mail: string, more: Attributes = {}): Attributes {
  const [user, domain] = mail.split('@') as [string, string];
  return {
    objectClass: ['top', 'JammMailAccount'],
    mail,
    homeDirectory: '/home/vmail/domains',
    mailbox: `${domain}/${user}/`,
    accountActive: 'TRUE',
    lastChange: '1032000000',
    delete: 'FALSE',
    userPassword: `pw-${user}`,
    ...more,
  };
}

export function accountDN(mail: string): string {
  return `mail=${mail},jvd=${mail.split('@')[1]!},${hosting}`;
}

/** The HOWTO's base entries, then two domains, each with a postmaster who is `admin@`, and two users. */
export async function fill(client: Client): Promise<void> {
  await client.bind(manager, managerPassword);
  await client.add(suffix, { objectClass: ['top', 'domain'], domainComponent: 'myhosting' });
  await client.add(manager, { objectClass: ['top', 'organizationalRole'], cn: 'Manager' });
  await client.add(hosting, { objectClass: ['top', 'organization'], o: 'hosting' });
  for (const domain of ['one.example', 'two.example']) {
    await client.add(`jvd=${domain},${hosting}`, {
      objectClass: ['top', 'JammVirtualDomain'],
      jvd: domain,
      postfixTransport: 'virtual:',
      accountActive: 'TRUE',
      lastChange: '1032000000',
      delete: 'FALSE',
      editAccounts: 'TRUE',
      editPostmasters: 'TRUE',
    });
    await client.add(`cn=postmaster,jvd=${domain},${hosting}`, {
      objectClass: ['top', 'JammMailAlias', 'JammPostmaster'],
      mail: `postmaster@${domain}`,
      maildrop: 'postmaster',
      accountActive: 'TRUE',
      lastChange: '1032000000',
      roleOccupant: [`cn=postmaster,jvd=${domain},${hosting}`, accountDN(`admin@${domain}`)],
    });
    for (const user of ['admin', 'ann', 'bob']) {
      await client.add(accountDN(`${user}@${domain}`), account(`${user}@${domain}`, { cn: `${user} of ${domain}` }));
    }
  }
  client.session.reset();
}
