/** slapd's own configuration for a directory of the Jamm schema: the HOWTO's, which jammd reads as well. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultConfigText } from '../config/default.js';
import type { ConfigFile } from './model.js';
import { columns, type Settings } from './settings.js';

export interface SlapdOptions {
  readonly suffix: string;
  /** Folder of the database. */
  readonly directory: string;
  /** A rootpw value. */
  readonly rootPassword?: string;
  readonly tls?: { readonly certificateFile: string; readonly keyFile: string; readonly authorityFile: string | undefined };
}

/** The HOWTO's slapd.conf, in words that slapd 2.5 and jammd both read: schema files by path, back-mdb loaded. */
export function slapdFiles(options: SlapdOptions, folder: string): ConfigFile[] {
  const text = defaultConfigText(options);
  const schemaFolder = fileURLToPath(new URL('../../schema/', import.meta.url));
  const schemaFiles = new Set(readdirSync(schemaFolder));
  const included = text
    .slice(text.indexOf('\n\n') + 2)
    .replace(/^(include +)(\S+)$/gm, (line, keyword: string, name: string) =>
      schemaFiles.has(name) ? `${keyword}${join(schemaFolder, name)}` : line,
    );
  const tls: Settings = options.tls
    ? [
        ...(options.tls.authorityFile === undefined ? [] : ([['TLSCACertificateFile', options.tls.authorityFile]] as const)),
        ['TLSCertificateFile', options.tls.certificateFile],
        ['TLSCertificateKeyFile', options.tls.keyFile],
      ]
    : [];
  const engine = columns([...tls, ['modulepath', '/usr/lib/ldap'], ['moduleload', 'back_mdb']]);
  return [
    {
      path: `${folder}/slapd.conf`,
      part: 'whole',
      ...(options.rootPassword === undefined ? {} : { secretFor: 'openldap' }),
      text: included.replace(/^(?=database )/m, () => `${engine}\n`),
    },
  ];
}
