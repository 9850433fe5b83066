/** `jammd identity`: whose entry a SASL user is, and as whom he may act, as slapauth says it. */
import { Command, Option } from 'commander';
import type { Inspection, SaslContext } from '../directory/inspection/inspection.js';
import type { DN } from '../dn/dn.js';
import { LdapError } from '../ldap/result.js';
import { configFileOption, configFolderOption, type ConfigurationChoice, readConfiguration } from './configuration.js';
import { CommandFailure } from './failure.js';
import { debugOption, slapdOption, slapdValues } from './slapd-options.js';
import { withStoppedDirectory } from './stopped-directory.js';

interface IdentityOptions extends ConfigurationChoice {
  readonly mechanism?: string;
  readonly realm?: string;
  readonly authcId?: string;
  readonly authzId?: string;
  readonly verbose?: true;
  readonly o?: readonly string[];
  /** Called as slapauth: everything goes to standard error. */
  readonly slapauth?: true;
}

export function identityCommand(): Command {
  return new Command('identity')
    .summary('whose entry a SASL user is, and as whom he may act, as slapauth says it')
    .description(
      'Prints the DN that authz-regexp makes of each user, and, with -U or -X, whether authz-policy lets one act as the other. ' +
        'Looks into databases that no server is using.',
    )
    .argument('[ids...]', 'users; authorization identities (u:USER or dn:DN) where -U is given without -X')
    .addOption(configFileOption())
    .addOption(configFolderOption())
    .option('-M, --mechanism <name>', 'the SASL mechanism that the user comes by')
    .option('-R, --realm <realm>', 'the realm; it counts with -M only, as in slapd')
    .option('-U, --authc-id <user>', 'who logs in')
    .option('-X, --authz-id <id>', 'as whom he wants to act: u:USER or dn:DN')
    .addOption(slapdOption('as for slapauth (no effect here)').hideHelp())
    .addOption(new Option('-v, --verbose').hideHelp())
    .addOption(new Option('--slapauth').hideHelp())
    .addOption(debugOption())
    .addHelpText(
      'after',
      `
Examples:
  $ jammd identity -f slapd.conf ann
  $ jammd identity -f slapd.conf -M SCRAM-SHA-256 -U ann -X u:postmaster`,
    )
    .action(identity);
}

async function identity(ids: readonly string[], options: IdentityOptions): Promise<void> {
  slapdValues(options.o, []);
  if (ids.length === 0 && options.authcId === undefined) throw new CommandFailure('no ID is given');
  const config = readConfiguration(options);
  const out = options.slapauth ? process.stderr : process.stdout;
  await withStoppedDirectory(config, [], async (directory) => {
    const report = new Report(directory.inspect(), { mechanism: options.mechanism, realm: options.realm }, (text) =>
      out.write(text),
    );
    if (!(await report.of(ids, options))) process.exitCode = 1;
  });
}

class Report {
  constructor(
    private readonly inspection: Inspection,
    private readonly sasl: SaslContext,
    private readonly print: (text: string) => void,
  ) {}

  /** As slapauth, it ends with the first identity that cannot be read. False: there was one. */
  async of(ids: readonly string[], { authcId, authzId }: IdentityOptions): Promise<boolean> {
    const wanted = authzId === undefined ? undefined : await this.#wanted(authzId);
    if (authzId !== undefined && !wanted) return false;
    if (authcId === undefined) return this.#each(ids, (id) => this.#user(id, wanted));
    if (wanted || ids.length === 0) return this.#user(authcId, wanted);
    return this.#each(ids, async (id) => {
      const other = await this.#wanted(id);
      return other !== undefined && this.#user(authcId, other);
    });
  }

  async #each(ids: readonly string[], work: (id: string) => Promise<boolean>): Promise<boolean> {
    for (const id of ids) if (!(await work(id))) return false;
    return true;
  }

  async #user(id: string, wanted: DN | undefined): Promise<boolean> {
    const dn = await this.#read(`ID: <${id}>`, () => this.inspection.user(id, this.sasl));
    if (!dn) return false;
    if (!wanted) {
      this.print(`ID: <${id}> check succeeded\nauthcID:     <${dn.normalized}>\n`);
      return true;
    }
    const verdict = this.inspection.mayBecome(dn, wanted) ? 'OK' : 'failed';
    this.print(`ID:      <${id}>\nauthcDN: <${dn.normalized}>\nauthzDN: <${wanted.normalized}>\nauthorization ${verdict}\n`);
    return true;
  }

  #wanted(id: string): Promise<DN | undefined> {
    return this.#read(`authzID: <${id}>`, () => this.inspection.authorizationIdentity(id));
  }

  async #read(what: string, work: () => Promise<DN>): Promise<DN | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof LdapError)) throw error;
      this.print(
        `${what} check failed ${error.code} (${error.code === 48 ? 'Inappropriate authentication' : 'Invalid syntax'})\n`,
      );
      return undefined;
    }
  }
}
