/** Which `serverID N URL` is a server's own. Compared with slapd, which logs the one it takes. */
import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/parse.js';
import { withServerId } from '../../src/server/server-id.js';

async function serverId(lines: string, urls: string): Promise<number | string> {
  const { config } = parseConfig({ file: 'test.conf', text: `${lines}\ndatabase mdb\nsuffix dc=x\n` });
  return withServerId(config!, urls).then(
    (found) => found.serverId,
    (error: Error) => error.message,
  );
}

const two = 'serverID 1 ldap://one.example/\nserverID 2 ldap://two.example:3890\n';

describe('serverID by URL', () => {
  it.each([
    ['serverID 7', 'ldap:///', 7],
    ['', 'ldap:///', 0],
    [two, 'ldap://one.example/', 1],
    [two, 'ldaps://one.example ldap://TWO.example:3890', 2],
    [`serverID 1 ldap://other/\nserverID 0x1f ldap://${hostname()}:3890/`, 'ldap://*:3890', 31],
    ['serverID 3 ldap://:3890', 'ldap://127.0.0.1:3890/', 3],
    ['serverID 3 ldap://localhost:3890', 'ldap://:3890/', 3],
    ['serverID 3 ldaps://localhost', 'ldaps://localhost:636/', 3],
    ['serverID 3 ldapi://%2Frun%2Fx\nserverID 4 ldap://other', 'ldapi://%2Frun%2Fx', 3],
  ])('%s with -h "%s" is %s', async (lines, urls, expected) => {
    expect(await serverId(lines, urls)).toBe(expected);
  });

  it.each([
    [two, 'ldap:///'],
    [two, 'ldap://two.example/'],
    ['serverID 3 ldap://localhost:3890', 'ldaps://localhost:3890'],
    ['serverID 3 ldap://localhost:3890', 'ldap://127.0.0.1:3890'],
  ])('%s with -h "%s" is none', async (lines, urls) => {
    expect(await serverId(lines, urls)).toMatch(/^none of the URLs of "serverID" \(ldap:.*\) is one of this server's/);
  });

  it('must be one', async () => {
    const both = await serverId('serverID 1 ldap://:3890\nserverID 2 ldap://localhost:3890', 'ldap://localhost:3890');
    expect(both).toBe('"serverID": both ldap://:3890 and ldap://localhost:3890 are this server\'s; only one may be');
  });
});
