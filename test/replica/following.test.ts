/** What a replica makes of its provider: of the certificates it shows, and of the results that say "begin anew". */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { TlsConfig } from '../../src/config/model.js';
import type { Directory } from '../../src/directory/directory.js';
import type { SearchSink } from '../../src/directory/model.js';
import type { Response } from '../../src/ldap/response.js';
import { ResultCode, success } from '../../src/ldap/result.js';
import { syncOids } from '../../src/ldap/sync.js';
import { syncDoneControl, syncStateControl } from '../../src/protocol/response-controls.js';
import { decodeSyncRequest, encodeSyncInfo } from '../../src/protocol/sync-values.js';
import { Replication } from '../../src/replica/replication.js';
import { openDirectory, suffix } from '../directory/support.js';
import { makeRecord, resultEntry } from '../protocol/records.js';
import { Certificates, type Identity } from '../server/certificates.js';
import { type Behaviour, startServer, stopServers } from '../server/fake-directory.js';
import { requirePrograms } from '../support/programs.js';

const csn = (second: number): string => `202601010000${String(second).padStart(2, '0')}.000000Z#000000#000#000000`;
const cookie = (second: number): Buffer => Buffer.from(`rid=001,csn=${csn(second)}`);

interface Follower {
  readonly directory: Directory;
  readonly replication: Replication;
  readonly log: string[];
}

const followers: Follower[] = [];

afterEach(async () => {
  for (const { directory, replication } of followers.splice(0)) {
    await replication.stop();
    await directory.close();
  }
  await stopServers();
});

async function follow(url: string, more: string, type = 'refreshAndPersist'): Promise<Follower> {
  const syncrepl = `syncrepl rid=001 provider=${url} type=${type} retry="60 +" searchbase="${suffix}" ${more}`;
  const directory = await openDirectory(syncrepl);
  const log: string[] = [];
  const note = (text: string): void => void log.push(text);
  const replication = Replication.start(directory.config, directory.databases, { info: note, warn: note });
  const follower = { directory, replication, log };
  followers.push(follower);
  return follower;
}

function link({ directory }: Follower): { readonly state: string; readonly lastError: string | undefined } {
  return directory.databases[0]!.replica!.links[0]!;
}

/** What the link has come to. */
async function outcome(follower: Follower): Promise<string> {
  await expect.poll(() => link(follower).state, { timeout: 20_000 }).toMatch(/following|waiting/);
  const { state, lastError } = link(follower);
  return lastError ?? state;
}

/** Entries with their attributes, each a refresh of its own sends. */
function tell(sink: SearchSink, names: readonly string[], second: number): void {
  for (const [index, name] of names.entries()) {
    const [, attribute, value] = /^(\w+)=([^,]+)/.exec(name)!;
    const objectClass = attribute === 'dc' ? ['domain'] : ['organizationalUnit'];
    const record = makeRecord(name, { objectClass, [attribute!]: [value!], entryCSN: [csn(second)] });
    const control = syncStateControl({ state: 'add', entryUuid: Buffer.alloc(16, index + 1), cookie: undefined });
    sink.entry({ ...resultEntry(record), controls: [control] });
  }
}

/** Refreshes, then persists until the replica goes. */
const persists: Behaviour = {
  search: (_, sink, signal) => {
    tell(sink, [suffix], 1);
    sink.intermediate!(syncOids.info, encodeSyncInfo({ kind: 'refreshPresent', cookie: cookie(1), refreshDone: true }));
    return new Promise<Response>((resolve) => signal.whenStopped?.(() => resolve(success)));
  },
};

const withoutOpenssl = requirePrograms('openssl') !== undefined;

describe.skipIf(withoutOpenssl)('a provider with TLS', () => {
  let certificates: Certificates;
  let server: Identity;
  let client: Identity;
  let stranger: Identity;

  beforeAll(() => {
    certificates = new Certificates();
    server = certificates.issue('server', '/CN=localhost');
    client = certificates.issue('client', '/CN=replica');
    stranger = certificates.stranger();
  });
  afterAll(() => certificates.remove());

  const tls = (more: Partial<TlsConfig> = {}): TlsConfig => ({
    certificateFile: server.certificate,
    certificateKeyFile: server.key,
    caCertificateFile: certificates.authority.certificate,
    caCertificatePath: undefined,
    crlFile: undefined,
    cipherSuite: undefined,
    dhParamFile: undefined,
    protocolMin: '1.2',
    protocolMax: '1.3',
    verifyClient: 'never',
    ...more,
  });
  const trusted = (): string => `tls_cacert=${certificates.authority.certificate}`;
  const mistaken = (): string => `tls_cacert=${stranger.certificate}`;
  const untrusted = /^TLS: .*(certificate|verify)/;

  it.each<[what: string, scheme: 'ldap' | 'ldaps', more: () => string, outcome: RegExp]>([
    ['ldaps, and its certificate is of the authority', 'ldaps', trusted, /^following$/],
    ['StartTLS, and its certificate is of the authority', 'ldap', () => `starttls=critical ${trusted()}`, /^following$/],
    ['ldaps, and nobody vouches for it', 'ldaps', mistaken, untrusted],
    ['StartTLS, and nobody vouches for it', 'ldap', () => `starttls=critical ${mistaken()}`, untrusted],
    ['StartTLS that need not be, and nobody vouches for it', 'ldap', () => `starttls=yes ${mistaken()}`, untrusted],
    ['nobody vouches for it: tls_reqcert=demand', 'ldaps', () => `${mistaken()} tls_reqcert=demand`, untrusted],
    ['nobody vouches for it: tls_reqcert=try', 'ldaps', () => `${mistaken()} tls_reqcert=try`, untrusted],
    ['nobody vouches for it: tls_reqcert=allow', 'ldaps', () => `${mistaken()} tls_reqcert=allow`, /^following$/],
    ['nobody vouches for it: tls_reqcert=never', 'ldap', () => `starttls=critical tls_reqcert=never`, /^following$/],
    ['TLS 1.3 at least', 'ldaps', () => `${trusted()} tls_protocol_min=3.4`, /^following$/],
  ])('%s', async (_, scheme, more, expected) => {
    const { url } = await startServer({ behaviour: persists, tls: tls() }, `${scheme}://127.0.0.1:0/`);
    expect(await outcome(await follow(url, more()))).toMatch(expected);
  });

  it('is another than its certificate says', async () => {
    const { url } = await startServer({ behaviour: persists, tls: tls() }, 'ldaps://127.0.0.2:0/');
    expect(await outcome(await follow(url, trusted()))).toMatch(/^TLS: .*127\.0\.0\.2/);
    expect(await outcome(await follow(url, `${trusted()} tls_reqcert=never`))).toBe('following');
  });

  it('wants a certificate of the replica', async () => {
    const { url } = await startServer({ behaviour: persists, tls: tls({ verifyClient: 'demand' }) }, 'ldaps://127.0.0.1:0/');
    const own = `tls_cert=${client.certificate} tls_key=${client.key}`;
    expect(await outcome(await follow(url, `${trusted()} ${own}`))).toBe('following');
    expect(await outcome(await follow(url, trusted()))).not.toBe('following');
  });

  it('has none: StartTLS that must be ends there, StartTLS that may be goes on without', async () => {
    const { url } = await startServer({ behaviour: persists });
    expect(await outcome(await follow(url, 'starttls=critical'))).toMatch(/^StartTLS: result \d+/);
    expect(await outcome(await follow(url, 'starttls=yes'))).toBe('following');
  });
});

describe('a provider that cannot go on from what the replica knows', () => {
  /** Refreshes in full, at the second time answers with `refusal`, and then has less than at first. */
  function forgetful(cookies: (string | undefined)[], refusal: Response): Behaviour {
    return {
      search: (_request, sink, _signal, session) => {
        const control = session.controls.find((one) => one.type === 'syncRequest');
        const { cookie: told } = decodeSyncRequest((control as { readonly value: Buffer }).value);
        cookies.push(/csn=(.*)/.exec(told?.toString() ?? '')?.[1]);
        if (cookies.length === 2) return refusal;
        const [names, second] = cookies.length === 1 ? [[suffix, `ou=a,${suffix}`], 5] : [[suffix], 2];
        tell(sink, names, second);
        return { ...success, controls: [syncDoneControl({ cookie: cookie(second), refreshDeletes: false })] };
      },
    };
  }

  const isHere = ({ directory }: Follower, name: string): boolean =>
    directory.databases[0]!.store.entryByNdn(directory.parseDN(name).normalized) !== undefined;

  it.each<[what: string, refusal: Response]>([
    ['it knows less', { ...success, code: ResultCode.unwillingToPerform, diagnostic: 'consumer state is newer than provider!' }],
    ['e-syncRefreshRequired', { ...success, code: 4_096 as ResultCode }],
  ])('%s: everything is fetched anew', async (_, refusal) => {
    const cookies: (string | undefined)[] = [];
    const { url } = await startServer({ behaviour: forgetful(cookies, refusal) });
    const follower = await follow(url, 'interval=00:00:00:01', 'refreshOnly');
    await expect.poll(() => isHere(follower, `ou=a,${suffix}`), { timeout: 20_000 }).toBe(true);
    await expect.poll(() => cookies.length, { timeout: 20_000 }).toBeGreaterThan(3);
    expect(cookies.slice(0, 4)).toEqual([undefined, csn(5), undefined, csn(2)]);
    expect([isHere(follower, suffix), isHere(follower, `ou=a,${suffix}`)]).toEqual([true, false]);
    expect(follower.directory.databases[0]!.store.log.context.values()).toEqual([csn(2)]);
    expect(follower.log.join('\n')).toMatch(/result (53|4096).*; everything is fetched anew/);
  });

  it('another refusal is none of these: what is there stays', async () => {
    const cookies: (string | undefined)[] = [];
    const refusal = { ...success, code: ResultCode.unwillingToPerform, diagnostic: 'not today' };
    const { url } = await startServer({ behaviour: forgetful(cookies, refusal) });
    const follower = await follow(url, 'interval=00:00:00:01', 'refreshOnly');
    await expect.poll(() => link(follower).state, { timeout: 20_000 }).toBe('waiting');
    expect(link(follower).lastError).toBe('search: result 53 (not today)');
    expect([cookies, isHere(follower, `ou=a,${suffix}`)]).toEqual([[undefined, csn(5)], true]);
  });
});
