/** The configuration of a stock slapd that follows this directory (RFC 4533), with the HOWTO's policy. */
import type { ConfigFile, DirectoryAccess } from './model.js';
import { oneLine } from './settings.js';
import { slapdFiles, type SlapdOptions } from './slapd.js';

export interface ReplicaOptions extends SlapdOptions {
  /** Tells the replicas of one provider apart, 0 to 999. */
  readonly rid: number;
}

/** `access`: where the provider is, and who the replica binds as there. */
export function slapdReplicaFiles(
  options: ReplicaOptions,
  { url, startTls, authorityFile, bind }: DirectoryAccess,
  folder: string,
): ConfigFile[] {
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
  const syncrepl = `syncrepl ${words.map(([name, value]) => `${name}=${value}`).join('\n  ')}\n`;
  const lines = [
    'index entryUUID,entryCSN eq\n',
    '# Follows the provider, and sends those who want to write there.',
    `${syncrepl}updateref ${url}\n`,
  ].join('\n');
  return slapdFiles(options, folder).map((file) => ({ ...file, secretFor: 'openldap', text: `${file.text}${lines}` }));
}

function quoted(name: string, value: string): string {
  return `"${oneLine(name, value).replace(/["\\]/g, '\\$&')}"`;
}
