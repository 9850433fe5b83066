/** The options for opening a directory, and the configuration they result in. */
import { readFileSync } from 'node:fs';
import { defaultConfigText } from '../config/default.js';
import type { Config } from '../config/model.js';
import { formatDiagnostic, parseConfig } from '../config/parse.js';
import { LdapError, ResultCode } from '../ldap/result.js';
import { guarded } from './failure.js';

interface AnyDirectory {
  /** Told, in one line each, what an operator should know: doubtful configuration, damaged entries, missing indexes. */
  readonly onWarning?: (warning: string) => void;
}

interface DefaultDirectory extends AnyDirectory {
  /** The DN of the tree's top: `dc=example,dc=org`. `dc=myhosting,dc=example` by default. */
  readonly suffix?: string;
  /**
   * The password of the rootdn, `cn=Manager,<suffix>`: clear, or a hash as `jammd passwd` prints it. Without one nobody
   * can bind as the rootdn; `directory.root()` needs none.
   */
  readonly rootPassword?: string;
  /** Not with this one. */
  readonly configFile?: never;
  /** Not with this one. */
  readonly configText?: never;
}

interface ConfiguredDirectory extends AnyDirectory {
  /** Use temporary folders that go when the directory closes, whatever folders the configuration names. */
  readonly memory?: boolean;
  /** Not with this one. */
  readonly folder?: never;
  /** Not with this one. */
  readonly suffix?: never;
  /** Not with this one. */
  readonly rootPassword?: never;
}

/** A directory by the default configuration: the Jamm schema, the HOWTO's access rules, its indexes. Kept in a folder. */
export interface FolderDirectory extends DefaultDirectory {
  /** Where the data are; made, for its owner only, where it does not exist. */
  readonly folder: string;
  /** Not with this one. */
  readonly memory?: false;
}

/** The same in a temporary folder that goes when the directory closes: for tests. */
export interface MemoryDirectory extends DefaultDirectory {
  /** Says so. */
  readonly memory: true;
  /** Not with this one. */
  readonly folder?: never;
}

/** A directory by a slapd.conf of your own. */
export interface ConfigFileDirectory extends ConfiguredDirectory {
  /** The file's path. What the file itself names is relative to the working directory, as in slapd. */
  readonly configFile: string;
  /** Not with this one. */
  readonly configText?: never;
}

/** The same from text. */
export interface ConfigTextDirectory extends ConfiguredDirectory {
  /** In slapd.conf's words, one directive a line. */
  readonly configText: string;
  /** Not with this one. */
  readonly configFile?: never;
}

/**
 * Where the data are, and by which rules. One of:
 *
 * - `{ folder: '/var/lib/jammd', suffix: 'dc=example,dc=org' }`
 * - `{ memory: true }`
 * - `{ configFile: '/etc/jammd/slapd.conf' }`
 * - `{ configText: 'database mdb\nsuffix "o=here"\n...', memory: true }`
 */
export type OpenOptions = FolderDirectory | MemoryDirectory | ConfigFileDirectory | ConfigTextDirectory;

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

/** Throws TypeError if the options name no configuration, or two. */
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
