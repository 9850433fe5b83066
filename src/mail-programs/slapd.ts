/** slapd's own configuration for a directory of the Jamm schema: the HOWTO's, which jammd reads as well. */
import { readdirSync, readFileSync } from 'node:fs';
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

/**
 * The same for slapd's cn=config, as changes for ldapmodify: Jamm's schema and jammd's, and a database with its indexes and access
 * rules. It wants the other schema files and back-mdb loaded, as Debian's slapd has them from the start.
 */
export function slapdChanges(options: SlapdOptions, folder: string): ConfigFile[] {
  const directives = logicalLines(defaultConfigText(options)).map((line) => {
    const [, name = '', value = ''] = /^(\S+)\s+(.*)$/.exec(line) ?? [];
    return { name, value };
  });
  const values = (name: string): string[] => directives.filter((found) => found.name === name).map(({ value }) => value);
  const database = [
    ...values('suffix').map((value) => ldifLine('olcSuffix', unquoted(value))),
    ...values('directory').map((value) => ldifLine('olcDbDirectory', unquoted(value))),
    ...values('rootdn').map((value) => ldifLine('olcRootDN', unquoted(value))),
    ...values('rootpw').map((value) => ldifLine('olcRootPW', unquoted(value))),
    ...values('index').map((value) => ldifLine('olcDbIndex', value.replace(/\s+/g, ' '))),
    ...values('access').map((value, index) => ldifLine('olcAccess', `{${index}}${value}`)),
  ];
  const { tls } = options;
  const changes = [
    ...(tls ? [tlsChange(tls)] : []),
    ...(['jamm', 'jammd'] as const).map(schemaChange),
    `dn: olcDatabase=mdb,cn=config\nchangetype: add\nobjectClass: olcDatabaseConfig\nobjectClass: olcMdbConfig\n` +
      `olcDatabase: mdb\nolcDbMaxSize: 1073741824\n${database.join('')}`,
  ];
  return [
    {
      path: `${folder}/jammd.ldif`,
      part: 'whole',
      text: changes.join('\n'),
      ...(options.rootPassword === undefined ? {} : { secretFor: 'openldap' }),
    },
  ];
}

function tlsChange(tls: NonNullable<SlapdOptions['tls']>): string {
  const settings = [
    ...(tls.authorityFile === undefined ? [] : ([['olcTLSCACertificateFile', tls.authorityFile]] as const)),
    ['olcTLSCertificateFile', tls.certificateFile],
    ['olcTLSCertificateKeyFile', tls.keyFile],
  ] as const;
  // In one change: slapd refuses a certificate without its key.
  return `dn: cn=config\nchangetype: modify\n${settings.map(([name, file]) => `replace: ${name}\n${ldifLine(name, file)}`).join('-\n')}`;
}

function schemaChange(name: 'jamm' | 'jammd'): string {
  const text = readFileSync(fileURLToPath(new URL(`../../schema/${name}.schema`, import.meta.url)), 'utf8');
  const attributes: Readonly<Record<string, string>> = {
    objectidentifier: 'olcObjectIdentifier',
    attributetype: 'olcAttributeTypes',
    objectclass: 'olcObjectClasses',
  };
  const definitions = logicalLines(text).map((line) => {
    const [, keyword = '', definition = ''] = /^(\S+)\s+(.*)$/.exec(line) ?? [];
    const attribute = attributes[keyword.toLowerCase()];
    if (attribute === undefined) throw new Error(`${name}.schema: ${keyword} has no counterpart in cn=config`);
    return ldifLine(attribute, definition);
  });
  return `dn: cn=${name},cn=schema,cn=config\nchangetype: add\nobjectClass: olcSchemaConfig\ncn: ${name}\n${definitions.join('')}`;
}

/** Without comments; lines that begin with a blank continue the one before. */
function logicalLines(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n')
    .replace(/\n[ \t]+/g, ' ')
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');
}

function unquoted(value: string): string {
  return /^".*"$/.test(value) ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value;
}

function ldifLine(attribute: string, value: string): string {
  if (/^[!-9;=-~][ -~]*$/.test(value) && !value.endsWith(' ')) return `${attribute}: ${value}\n`;
  return `${attribute}:: ${Buffer.from(value, 'utf8').toString('base64')}\n`;
}
