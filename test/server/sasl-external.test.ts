/** SASL EXTERNAL over ldapi:// with authorization identities, by ldapwhoami, beside slapd. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { database, domainEntry, head, personEntry, root, rootPassword, tree } from '../conformance/settings/setting.js';
import { Contestant } from '../conformance/contestant.js';
import { bind } from '../conformance/directed/steps.js';
import { requirePrograms } from '../support/programs.js';
import { serverKinds, startServer, type ReferenceServer } from '../support/reference-server.js';

const peer = `gidNumber=${process.getgid!()}+uidNumber=${process.getuid!()},cn=peercred,cn=external,cn=auth`;

function config(policy: string): string {
  return `${head}authz-policy ${policy}
authz-regexp "^gidNumber=.*,cn=external,cn=auth$" "ldap:///dc=test??sub?(telephoneNumber=${process.getuid!()})"
authz-regexp "^uid=([^,]+),cn=external,cn=auth$" "cn=$1,DC=test"
${database('dc=test', 'test', 'access to attrs=userPassword by anonymous auth by * none\naccess to * by * read')}`;
}

const authzIds = [
  undefined,
  'dn:cn=ann,dc=test',
  'dn:CN=Ann, dc=test',
  'dn:cn=bob,dc=test',
  'dn:cn=nobody,dc=test',
  'dn:',
  `dn:${peer}`,
  'dn:cn=Peer,dc=test',
  'u:ann',
  'u:bob',
  'u:',
  'dn:junk',
  'junk',
];

const entries = {
  'dc=test': domainEntry(),
  'cn=Peer,dc=test': personEntry({ telephoneNumber: [String(process.getuid!())], authzTo: ['dn.exact:cn=ann,dc=test'] }),
  'cn=ann,dc=test': personEntry(),
  'cn=bob,dc=test': personEntry({ authzFrom: ['dn:cn=peer,dc=test'] }),
};

const folder = mkdtempSync(join(tmpdir(), 'jammd-external-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const missing = requirePrograms('slapd', 'ldapwhoami');

describe.skipIf(missing !== undefined || serverKinds.length < 2).each(['to', 'any', 'none'])('authz-policy %s', (policy) => {
  const servers: ReferenceServer[] = [];
  const urls: string[] = [];

  beforeAll(async () => {
    for (const kind of serverKinds) {
      const url = `ldapi://${encodeURIComponent(join(folder, `${kind}-${policy}`))}`;
      const server = await startServer(kind, { config: config(policy), urls: [url] });
      servers.push(server);
      urls.push(url);
      const contestant = new Contestant(server.port);
      await contestant.answerAll([bind(root, rootPassword, { as: '#root' }), ...tree(entries)]);
      contestant.close();
    }
  }, 30_000);

  afterAll(() => Promise.all(servers.map((server) => server.stop())));

  it.each(authzIds)('%s', async (authzId) => {
    const [theirs, ours] = await Promise.all(urls.map((url) => whoAmI(url, authzId)));
    expect(theirs).toBeDefined();
    expect(ours).toEqual(theirs);
  });
});

interface Outcome {
  readonly exitCode: number;
  readonly output: string;
}

function whoAmI(url: string, authzId: string | undefined): Promise<Outcome> {
  const words = ['-Q', '-Y', 'EXTERNAL', '-H', url, ...(authzId === undefined ? [] : ['-X', authzId])];
  return new Promise((resolve) => {
    const child = execFile('ldapwhoami', words, { timeout: 10_000 }, (_, stdout) =>
      resolve({ exitCode: child.exitCode ?? -1, output: stdout }),
    );
  });
}
