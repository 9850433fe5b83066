/** The table of overlays on docs/from-openldap.md shows what the configuration takes of each; directives.test.ts looks at the others. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { refusedOverlays } from '../../src/config/overlays/refused.js';
import { overlayTypes } from '../../src/config/overlays/registry.js';

const page = readFileSync(join(import.meta.dirname, '../../docs/from-openldap.md'), 'utf8');
const [, section = ''] = /^## Overlays$(.*?)^## /ms.exec(page) ?? [];
const rows = new Map(
  [...section.matchAll(/^\| `(\w+)` \| (.*?) \| (.*?) \|$/gm)].map(([, name, directives, notes]) => [
    name!,
    { directives, notes },
  ]),
);

/** Those that Debian 12's and 13's packages of slapd contain, and OpenLDAP's others of 2.5 and 2.6. */
const slapds =
  'accesslog allop auditlog autoca autogroup chain collect constraint dds deref dyngroup dynlist glue homedir lastbind memberof ' +
  'nestgroup otp pbind pcache ppolicy refint remoteauth retcode rwm seqmod smbk5pwd sock sssvlv syncprov translucent unique valsort';

describe('the table of overlays', () => {
  it('has all that there are, once each', () => {
    expect([...rows.keys()]).toEqual([...overlayTypes.keys()].sort());
    expect(slapds.split(' ').filter((name) => !rows.has(name) && !refusedOverlays.has(name))).toEqual([]);
    expect([...overlayTypes.keys()].filter((name) => refusedOverlays.has(name))).toEqual([]);
  });

  it.each([...overlayTypes.values()])('$name: all its directives', ({ name, olcNames }) => {
    const told = [...(rows.get(name)?.directives?.matchAll(/`([\w-]+)`/g) ?? [])].map(([, directive]) =>
      directive!.toLowerCase(),
    );
    expect(told.sort()).toEqual([...olcNames.keys()].sort());
  });
});
