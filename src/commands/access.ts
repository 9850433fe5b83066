/** `jammd access`: what somebody may do with an entry, and which rules say so, as slapacl does. */
import { Command, Option } from 'commander';
import type { AccessAnswer, AccessQuestion, Asking, Inspection } from '../directory/inspection/inspection.js';
import { DN } from '../dn/dn.js';
import {
  chooseDatabase,
  configFileOption,
  configFolderOption,
  type ConfigurationChoice,
  readConfiguration,
} from './configuration.js';
import { CommandFailure } from './failure.js';
import { debugOption, slapdOption, slapdValues, warnOfNoEffect } from './slapd-options.js';
import { withEmptyDirectory, withStoppedDirectory } from './stopped-directory.js';

interface AccessOptions extends ConfigurationChoice {
  readonly base: string;
  readonly authcDn?: string;
  readonly authcId?: string;
  readonly authzId?: string;
  readonly u?: true;
  readonly verbose?: true;
  readonly o?: readonly string[];
  /** Called as slapacl: its lines, on standard error, and its exit code. */
  readonly slapacl?: true;
}

const strengths = { ssf: 'ssf', tls_ssf: 'tlsSsf', transport_ssf: 'transportSsf', sasl_ssf: 'saslSsf' } as const;

export function accessCommand(): Command {
  return new Command('access')
    .summary('what somebody may do with an entry, and which rule says so, as slapacl does')
    .description(
      'Asks the access rules, in databases that no server is using. Without an ATTRIBUTE it goes through all of the ' +
        'entry. Names the rules that decide by file and line. Exits with 1 if a level of access that was asked for is denied.',
    )
    .argument('[attributes...]', 'attribute[/level][:value], entry or children; with a level (read, write, ...): is it allowed?')
    .addOption(configFileOption())
    .addOption(configFolderOption())
    .requiredOption('-b, --base <dn>', 'the entry')
    .addOption(new Option('-D, --authc-dn <dn>', 'who asks: this DN (default: anonymous)').conflicts('authcId'))
    .option('-U, --authc-id <user>', 'who asks: the DN that authz-regexp makes of this user')
    .option('-X, --authz-id <id>', 'on whose behalf: u:USER or dn:DN')
    .option('-u', 'ask about an entry of this name that has no attributes, whether there is one or not')
    .addOption(
      slapdOption(
        'peername=IP=192.0.2.1:40000, sockname=, sockurl=, ssf=, tls_ssf=, transport_ssf=, sasl_ssf=, authzDN=: the connection',
      ),
    )
    .addOption(new Option('-v, --verbose').hideHelp())
    .addOption(new Option('--slapacl').hideHelp())
    .addOption(debugOption())
    .addHelpText(
      'after',
      `
Examples:
  $ jammd access -f slapd.conf -b ou=people,dc=example
  $ jammd access -f slapd.conf -D cn=ann,dc=example -b cn=ann,dc=example userPassword/write
  $ jammd access -f slapd.conf -o peername=IP=192.0.2.7:4711 -b dc=example entry/read mail`,
    )
    .action(access);
}

async function access(attributes: readonly string[], options: AccessOptions): Promise<void> {
  const config = readConfiguration(options);
  const name = DN.parse(options.base, config.schema);
  const connection = connectionOf(options);
  const questions = attributes.map(questionOf);
  const work = async (inspection: Inspection): Promise<void> => {
    const asking = await askingOf(inspection, options, connection, (text) => DN.parse(text, config.schema));
    if (options.slapacl) tellWho(asking);
    for (const answer of inspection.access(name, questions, asking, options.u === true)) tell(answer, options);
  };
  const holder = chooseDatabase(config, { suffix: options.base });
  if (options.u) return withEmptyDirectory(config, (directory) => work(directory.inspect()));
  return withStoppedDirectory(config, [holder], (directory) => work(directory.inspect()));
}

/** `attribute[/level][:value]` */
function questionOf(text: string): AccessQuestion {
  const colon = text.indexOf(':');
  const head = colon < 0 ? text : text.slice(0, colon);
  const [target = '', level] = head.split(/\/(.*)/s);
  return { target, level, value: colon < 0 ? undefined : Buffer.from(text.slice(colon + 1)) };
}

type Connection = Asking & { readonly authzDn?: string | undefined };

function connectionOf({ o, authzId }: AccessOptions): Connection {
  const known = [
    'authzdn',
    'domain',
    'peername',
    'sockname',
    'sockurl',
    ...Object.keys(strengths).map((name) => name.replace('_', '-')),
  ];
  const values = slapdValues(o, known);
  warnOfNoEffect('access', [['-o domain', values.get('domain'), 'jammd does not look up the names of clients']]);
  const authzDn = values.get('authzdn');
  if (authzDn !== undefined && authzId !== undefined) throw new CommandFailure('-X and -o authzDN exclude each other');
  const given: Record<string, number> = {};
  for (const [name, field] of Object.entries(strengths)) {
    const text = values.get(name.replace('_', '-'));
    if (text === undefined) continue;
    if (!/^\d{1,5}$/.test(text)) throw new CommandFailure(`-o ${name}=${text}: expected a number of bits`);
    given[field] = Number(text);
  }
  return {
    ...given,
    authzDn,
    peerName: values.get('peername') ?? '',
    sockName: values.get('sockname'),
    sockUrl: values.get('sockurl') ?? '',
  };
}

async function askingOf(
  inspection: Inspection,
  { authcDn, authcId, authzId }: AccessOptions,
  { authzDn, ...connection }: Connection,
  parse: (text: string) => DN,
): Promise<Asking> {
  const authenticated =
    authcId === undefined ? (authcDn === undefined ? undefined : parse(authcDn)) : await inspection.user(authcId);
  const authorized =
    authzId === undefined
      ? authzDn === undefined
        ? undefined
        : parse(authzDn)
      : await inspection.authorizationIdentity(authzId);
  return { ...connection, dn: authorized ?? authenticated, realDn: authenticated };
}

function tellWho({ dn, realDn }: Asking): void {
  if (realDn) process.stderr.write(`authcDN: "${realDn.normalized}"\n`);
  if (dn && dn !== realDn) process.stderr.write(`authzDN: "${dn.normalized}"\n`);
}

function tell(answer: AccessAnswer, { slapacl }: AccessOptions): void {
  const { target, value, level, allowed, privileges, because } = answer;
  const shown = value === undefined ? '' : `${slapacl ? '=' : ': '}${shownValue(target, value)}`;
  const verdict =
    allowed === undefined
      ? `${target}${shown}: ${privileges}`
      : `${level} access to ${target}${shown}: ${allowed ? 'ALLOWED' : 'DENIED'}`;
  if (slapacl) {
    process.stderr.write(`${verdict}\n`);
    return;
  }
  process.stdout.write(`${verdict}\n    ${because.join('\n    ')}\n`);
  if (allowed === false) process.exitCode = 1;
}

function shownValue(target: string, value: Buffer): string {
  return target.toLowerCase() === 'userpassword' ? '****' : value.toString();
}
