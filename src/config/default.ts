/** The configuration used without -f: the HOWTO's, from `data/slapd.conf`, adapted to a suffix and a folder. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { escapeRegex } from '../access/regex.js';
import { DN } from '../dn/dn.js';
import { defaultSchema } from '../schema/default.js';
import type { Config } from './model.js';
import { formatDiagnostic, parseConfig } from './parse.js';

export interface DefaultConfigOptions {
  /** A DN (LdapError where it is none); `dc=myhosting,dc=example` by default. The rootdn is cn=Manager below it. */
  readonly suffix?: string;
  /** Folder of the store; `var/data` in the working directory by default. */
  readonly directory?: string;
  /** A userPassword value, best a hash. None by default: then nobody can bind as the rootdn. */
  readonly rootPassword?: string;
  /** What a relative `directory` is relative to. */
  readonly cwd?: string;
}

const file = fileURLToPath(new URL('../../data/slapd.conf', import.meta.url));

const writtenSuffix = 'dc=myhosting,dc=example';

/** The text of a slapd.conf. */
export function defaultConfigText(options: DefaultConfigOptions = {}): string {
  const { suffix, directory, rootPassword } = options;
  let text = readFileSync(file, 'utf8');
  if (suffix !== undefined) text = replaceSuffix(text, DN.parse(suffix, defaultSchema()));
  if (directory !== undefined) text = text.replace(/^(directory +).*$/m, (_, name: string) => name + quoted(directory));
  if (rootPassword !== undefined) {
    text = text.replace(/^# (rootpw +).*$/m, (_, name: string) => `${name}  ${quoted(rootPassword)}`);
  }
  return text;
}

/** Throws where the options make no valid configuration. */
export function defaultConfig(options: DefaultConfigOptions = {}): Config {
  const { config, diagnostics } = parseConfig({ file, text: defaultConfigText(options), cwd: options.cwd });
  if (!config) throw new Error(`no default configuration: ${diagnostics.map(formatDiagnostic).join('; ')}`);
  return Object.freeze({ ...config, file: undefined });
}

function replaceSuffix(text: string, suffix: DN): string {
  const plain = escaped(suffix.toString());
  const pattern = escaped(escapeRegex(suffix.normalized));
  return text
    .split('\n')
    .map((line) => {
      if (line.startsWith('#')) return line;
      return line.replaceAll(writtenSuffix, () => (line.includes('dn.regex=') ? pattern : plain));
    })
    .join('\n');
}

/** For use between slapd.conf's quotes. */
function escaped(text: string): string {
  return text.replace(/["\\]/g, '\\$&');
}

function quoted(text: string): string {
  return `"${escaped(text)}"`;
}
