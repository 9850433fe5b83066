/** Tells of a database's entries whose memberOf is wrong, and writes the changes that mend them. */
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import type { DatabaseConfig } from '../config/model.js';
import { wrongMemberOf, type WrongMemberOf } from '../directory/inspection/member-of-report.js';
import type { Schema } from '../ldap/schema.js';
import type { Store } from '../store/store.js';
import { countOf } from './progress.js';

/** Entries that are named. */
const namedMax = 10;

/** `mend`: the file for the changes. Resolves with the lines of a warning; none where all is well. */
export async function memberOfWarnings(
  store: Store,
  schema: Schema,
  { overlays }: DatabaseConfig,
  mend: string | undefined,
): Promise<readonly string[]> {
  const lines: string[] = [];
  let count = 0;
  const file = mend === undefined ? undefined : createWriteStream(mend, { mode: 0o600, flags: 'a' });
  if (file) await once(file, 'open');
  for await (const wrong of wrongMemberOf(store, schema, overlays)) {
    if (++count <= namedMax) lines.push(described(wrong));
    if (file && !file.write(change(wrong))) await once(file, 'drain');
  }
  if (file) {
    file.end();
    await finished(file);
  }
  if (count > namedMax) lines.push(`${countOf(count - namedMax, 'more entry', 'more entries')} with a wrong memberOf`);
  const way =
    mend === undefined ? '--mend FILE writes the changes that mend it, for jammd modify' : `jammd modify -l ${mend} mends it`;
  return count === 0 ? [] : [...lines, `${countOf(count, 'entry', 'entries')} with a wrong memberOf: ${way}`];
}

function described({ dn, attribute, lacking, surplus }: WrongMemberOf): string {
  const parts = [
    ...(lacking.length > 0 ? [`lacks ${lacking.join(' and ')}`] : []),
    ...(surplus.length > 0 ? [`has ${surplus.join(' and ')}`] : []),
  ];
  return `${attribute} of ${dn} ${parts.join(', and ')}`;
}

/** Names may hold what LDIF has to encode. */
function change({ dn, attribute, groups }: WrongMemberOf): string {
  const value = (text: string): string => `: ${Buffer.from(text).toString('base64')}`;
  const values = groups.map((group) => `${attribute}:${value(group)}\n`).join('');
  return `dn:${value(dn)}\nchangetype: modify\nreplace: ${attribute}\n${values}\n`;
}
