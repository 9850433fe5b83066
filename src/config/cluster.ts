/** `cluster`: the database is shared between nodes, whose writes are put in order by etcd. In the style of slapd's syncrepl. */
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import type { ClusterSettings } from './cluster-settings.js';
import { ConfigError, oneOf, requireWords, wholeNumber, type Directive } from './directive.js';

const parameters = [
  ...['engine', 'endpoints', 'prefix', 'node', 'tls_cert', 'tls_key', 'tls_cacert', 'user', 'password', 'timeout', 'log'],
] as const;

type Parameter = (typeof parameters)[number];

const engines = new Map([['etcd', 'etcd' as const]]);
const known: ReadonlyMap<string, Parameter> = new Map(parameters.map((name) => [name, name]));
const timeoutSecondsDefault = 5;
const timeoutSecondsMax = 60;
const logEntriesDefault = 10_000;
const logEntriesMin = 10;
const logEntriesMax = 10_000_000;

const loopback = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;

/** Throws ConfigError. */
export function readCluster(directive: Directive, cwd: string, warn: (message: string) => void): ClusterSettings {
  requireWords(directive, 1);
  const given = new Map<Parameter, string>();
  for (const word of directive.words) {
    const equals = word.indexOf('=');
    if (equals < 0) throw new ConfigError(`"${word}" of "cluster" is not of the form name=value`);
    const name = oneOf(word.slice(0, equals), 'cluster', known);
    if (given.has(name)) throw new ConfigError(`"${name}" of "cluster" is given twice`);
    if (equals === word.length - 1) throw new ConfigError(`"${name}" of "cluster" is empty`);
    given.set(name, word.slice(equals + 1));
  }
  const required = (name: Parameter): string => {
    const value = given.get(name);
    if (value === undefined) throw new ConfigError(`"cluster" needs ${name}=`);
    return value;
  };
  const engine = oneOf(required('engine'), 'cluster engine', engines);
  const endpoints = required('endpoints').split(',').map(readEndpoint);
  const prefix = required('prefix');
  if (!/^[!-~]{1,128}$/.test(prefix)) throw new ConfigError('"prefix" of "cluster" is 1 to 128 visible ASCII characters');
  const node = given.get('node') ?? hostname();
  if (!/^[\w.-]{1,64}$/.test(node)) {
    throw new ConfigError(`"${node}" is no name for a node: node= of "cluster" takes letters, digits, ".", "-" and "_"`);
  }
  const file = (name: Parameter): string | undefined => {
    const path = given.get(name);
    return path === undefined ? undefined : resolve(cwd, path);
  };
  const [certificateFile, certificateKeyFile, caCertificateFile] = [file('tls_cert'), file('tls_key'), file('tls_cacert')];
  if ((certificateFile === undefined) !== (certificateKeyFile === undefined)) {
    throw new ConfigError('"cluster" needs tls_cert= and tls_key= together');
  }
  const isPlain = endpoints.some(({ protocol }) => protocol === 'http:');
  if (isPlain && (certificateFile ?? caCertificateFile) !== undefined) {
    throw new ConfigError('"cluster" has TLS files, and an endpoint that is not https://');
  }
  const [user, password] = [given.get('user'), given.get('password')];
  if ((user === undefined) !== (password === undefined)) throw new ConfigError('"cluster" needs user= and password= together');
  if (endpoints.some(({ protocol, hostname: host }) => protocol === 'http:' && !loopback.test(host))) {
    warn('"cluster": entries, with their passwords, travel to etcd in clear text; use https:// endpoints');
  }
  const number = (name: Parameter, otherwise: number, least: number, most: number): number => {
    const text = given.get(name);
    return text === undefined ? otherwise : wholeNumber(text, `${name}= of "cluster"`, least, most);
  };
  return {
    engine,
    endpoints: endpoints.map(({ origin }) => origin),
    prefix,
    node,
    certificateFile,
    certificateKeyFile,
    caCertificateFile,
    user,
    password,
    timeoutMs: number('timeout', timeoutSecondsDefault, 1, timeoutSecondsMax) * 1_000,
    logEntries: number('log', logEntriesDefault, logEntriesMin, logEntriesMax),
  };
}

function readEndpoint(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isOrigin =
    url && url.pathname === '/' && url.search === '' && url.hash === '' && url.username === '' && url.hostname !== '';
  if (!isOrigin || !['http:', 'https:'].includes(url.protocol)) {
    throw new ConfigError(`"${text}" of "cluster" is no endpoint: they are URLs like https://etcd1.example:2379`);
  }
  return url;
}
