/** The directive `cluster`: what it comes to, and what is refused, with file and line. */
import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { formatDiagnostic, parseConfig } from '../../src/config/parse.js';

const core = resolve(import.meta.dirname, '../../schema/core.schema');
const readFile = (path: string): string | undefined => (existsSync(path) ? readFileSync(path, 'utf8') : undefined);
const minimal = 'cluster engine=etcd endpoints=http://127.0.0.1:2379 prefix=jammd/';

function parse(lines: string) {
  const text = `include ${core}\ndatabase mdb\nsuffix dc=example\ndirectory /srv/data\n${lines}\n`;
  const { config, diagnostics } = parseConfig({ file: 'slapd.conf', text, cwd: '/srv', readFile });
  return { cluster: config?.databases[0]?.cluster, said: diagnostics.map(formatDiagnostic) };
}

it('takes all parameters', () => {
  expect(parse(minimal)).toEqual({
    said: [],
    cluster: {
      engine: 'etcd',
      endpoints: ['http://127.0.0.1:2379'],
      prefix: 'jammd/',
      node: hostname(),
      certificateFile: undefined,
      certificateKeyFile: undefined,
      caCertificateFile: undefined,
      user: undefined,
      password: undefined,
      timeoutMs: 5_000,
      logEntries: 10_000,
    },
  });
  const whole =
    'cluster engine=etcd endpoints=https://a:2379,https://[::1]:2379 prefix=x node=a.b-c user=u "password=p w" timeout=9\n' +
    '  tls_cert=c.pem tls_key=/k.pem tls_cacert=ca.pem log=500';
  expect(parse(whole)).toMatchObject({
    said: [],
    cluster: {
      endpoints: ['https://a:2379', 'https://[::1]:2379'],
      node: 'a.b-c',
      password: 'p w',
      certificateFile: '/srv/c.pem',
      certificateKeyFile: '/k.pem',
      caCertificateFile: '/srv/ca.pem',
      timeoutMs: 9_000,
      logEntries: 500,
    },
  });
});

it.each([
  ['cluster', 'missing argument of "cluster"'],
  ['cluster engine=etcd prefix=x', '"cluster" needs endpoints='],
  ['cluster engine=etcd endpoints=http://127.0.0.1:1', '"cluster" needs prefix='],
  ['cluster endpoints=http://127.0.0.1:1 prefix=x', '"cluster" needs engine='],
  [minimal.replace('=etcd', '=raft'), 'unknown "raft" in "cluster engine" (known: etcd)'],
  [`${minimal} speed=9`, 'unknown "speed" in "cluster"'],
  [`${minimal} word`, '"word" of "cluster" is not of the form name=value'],
  [`${minimal} user=`, '"user" of "cluster" is empty'],
  [`${minimal} prefix=x`, '"prefix" of "cluster" is given twice'],
  [`${minimal} user=u`, '"cluster" needs user= and password= together'],
  [`${minimal} tls_cert=c`, '"cluster" needs tls_cert= and tls_key= together'],
  [`${minimal} tls_cacert=c`, '"cluster" has TLS files, and an endpoint that is not https://'],
  [`${minimal} timeout=0`, '"0" is out of range for "timeout= of "cluster"" (1 to 60)'],
  [`${minimal} log=many`, '"many" is not a number'],
  [`${minimal} node=a/b`, '"a/b" is no name for a node'],
  [minimal.replace('http://127.0.0.1:2379', 'ldap://x'), '"ldap://x" of "cluster" is no endpoint'],
  [minimal.replace('http://127.0.0.1:2379', 'http://a/b'), '"http://a/b" of "cluster" is no endpoint'],
  [minimal.replace('http://127.0.0.1:2379', 'http://127.0.0.1:1,'), '"" of "cluster" is no endpoint'],
  [`${minimal}\n${minimal}`, '"cluster" is given twice'],
  [`lastmod off\n${minimal}`, '"cluster" needs "lastmod on"'],
  [
    `${minimal}\ndatabase mdb\nsuffix dc=y\ndirectory /srv/y\n${minimal}sub/`,
    'prefix "jammd/sub/" and "jammd/" of another database overlap',
  ],
  [`${minimal}\nsyncrepl rid=001 provider=ldap://127.0.0.1:1 searchbase=dc=example`, 'exclude each other'],
  [`database monitor\n${minimal}`, '"cluster" does not apply to database monitor'],
])('refuses %j', (lines, message) => {
  const { said } = parse(lines);
  expect(said.join('\n')).toContain(message);
  expect(said.join('\n')).toMatch(/^slapd\.conf: line \d+: /m);
});

it('warns of entries that travel in clear text', () => {
  expect(parse(minimal.replace('127.0.0.1', 'etcd.example')).said.join()).toContain('travel to etcd in clear text');
});
