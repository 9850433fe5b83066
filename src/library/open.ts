/** What a program may say to open a directory, and the configuration it comes to. */
import { readFileSync } from 'node:fs';
import { defaultConfigText } from '../config/default.js';
import type { Config } from '../config/model.js';
import { formatDiagnostic, parseConfig } from '../config/parse.js';
import { LdapError, ResultCode } from '../ldap/result.js';
import { guarded } from './failure.js';

interface CommonOptions {
  /** Told, in one line each, what an operator should know: doubtful configuration, damaged entries, missing indexes. */
  readonly onWarning?: (warning: string) => void;
}

/** The default configuration: the Jamm schema, the HOWTO's access rules, indexes on objectClass, mail and cn. */
interface DefaultConfiguration {
  /** The DN of the tree's top: `dc=example,dc=org`. `dc=myhosting,dc=example` by default. */
  readonly suffix?: string;
  /**
   * The password of the rootdn, `cn=Manager,<suffix>`: clear, or a hash as `jammd passwd` prints it. Without one nobody
   * can bind as the rootdn; `directory.root()` needs none.
   */
  readonly rootPassword?: string;
  readonly configFile?: never;
  readonly configText?: never;
}

/** A configuration of your own, in slapd.conf's words. */
interface OwnConfiguration {
  /** With `memory`: do not use the databases' folders, but temporary ones. */
  readonly memory?: boolean;
  readonly folder?: never;
  readonly suffix?: never;
  readonly rootPassword?: never;
}

/**
 * Where the data are, and by which rules. One of:
 *
 * - `{ folder: '/var/lib/jammd' }`: the default configuration, kept in that folder (made where it does not exist);
 * - `{ memory: true }`: the same in a temporary folder that goes when the directory closes: for tests;
 * - `{ configFile: '/etc/jammd/slapd.conf' }` or `{ configText: '...' }`: a slapd.conf, which names its own folders.
 */
export type OpenOptions = CommonOptions &
  (
    | (DefaultConfiguration & { readonly folder: string; readonly memory?: false })
    | (DefaultConfiguration & { readonly memory: true; readonly folder?: never })
    | (OwnConfiguration & { readonly configFile: string; readonly configText?: never })
    | (OwnConfiguration & { readonly configText: string; readonly configFile?: never })
  );

/** Throws LdapError 53 with every error of the configuration, 34 for a suffix that is no DN. */
export async function configurationOf(options: OpenOptions): Promise<Config> {
  const { file, text } = await guarded(() => sourceOf(options));
  const { config, diagnostics } = parseConfig({ file, text });
  if (!config) {
    const errors = diagnostics.filter(({ severity }) => severity === 'error').map(formatDiagnostic);
    throw new LdapError(ResultCode.unwillingToPerform, errors.join('\n'));
  }
  for (const warning of config.warnings) options.onWarning?.(formatDiagnostic(warning));
  return config;
}

/** Throws TypeError where the options name no configuration, or two. */
function sourceOf(options: OpenOptions): { file: string; text: string } {
  const { configFile, configText, folder, memory, suffix, rootPassword } = options;
  const ways = [configFile, configText, folder].filter((way) => way !== undefined).length;
  if (ways > 1 || (ways === 0 && !memory)) {
    throw new TypeError('openDirectory takes one of folder, memory, configFile and configText');
  }
  if (configFile !== undefined) return { file: configFile, text: readFileSync(configFile, 'utf8') };
  if (configText !== undefined) return { file: 'configText', text: configText };
  return { file: 'slapd.conf', text: defaultConfigText({ suffix, rootPassword, directory: folder }) };
}
