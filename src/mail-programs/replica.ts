/** The configurations of a stock slapd and of a jammd that follow this directory (RFC 4533), with the HOWTO's policy. */
import { defaultConfigText } from '../config/default.js';
import type { ConfigFile, DirectoryAccess } from './model.js';
import { oneLine } from './settings.js';
import { slapdFiles, type SlapdOptions } from './slapd.js';

export interface ReplicaOptions extends SlapdOptions {
  /** Tells the replicas of one provider apart, 0 to 999. */
  readonly rid: number;
}

/** `access`: where the provider is, and who the replica binds as there. */
export function slapdReplicaFiles(options: ReplicaOptions, access: DirectoryAccess, folder: string): ConfigFile[] {
  const lines = `index entryUUID,entryCSN eq\n\n${followingLines(options, access)}`;
  return slapdFiles(options, folder).map((file) => ({ ...file, secretFor: 'openldap', text: `${file.text}${lines}` }));
}

/** The same for a jammd: it has the schema files. */
export function jammdReplicaFiles(options: ReplicaOptions, access: DirectoryAccess, folder: string): ConfigFile[] {
  const text = defaultConfigText(options);
  const policy = text.slice(text.indexOf('\n\n') + 2);
  const lines = `index entryUUID eq\n\n${followingLines(options, access)}`;
  const path = `${folder}/slapd.conf`;
  return [{ path, part: 'whole', secretFor: 'jammd', text: `${policy}\n${lines}` }];
}

function followingLines(options: ReplicaOptions, { url, startTls, authorityFile, bind }: DirectoryAccess): string {
  const words: readonly (readonly [string, string])[] = [
    ['rid', String(options.rid).padStart(3, '0')],
    ['provider', url],
    ['type', 'refreshAndPersist'],
    ['retry', '"5 12 60 +"'],
    ['searchbase', quoted('searchbase', options.suffix)],
    ['bindmethod', 'simple'],
    ...(bind
      ? ([
          ['binddn', quoted('binddn', bind.dn)],
          ['credentials', quoted('credentials', bind.password)],
        ] as const)
      : []),
    ...(startTls ? ([['starttls', 'critical']] as const) : []),
    ...(authorityFile === undefined ? [] : ([['tls_cacert', quoted('tls_cacert', authorityFile)]] as const)),
  ];
  return [
    '# Follows the provider, and sends those who want to write there.',
    `syncrepl ${words.map(([name, value]) => `${name}=${value}`).join('\n  ')}`,
    `updateref ${url}\n`,
  ].join('\n');
}

function quoted(name: string, value: string): string {
  return `"${oneLine(name, value).replace(/["\\]/g, '\\$&')}"`;
}
