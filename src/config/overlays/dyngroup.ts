/** `overlay dyngroup`: a compare of a group's members looks at what its LDAP URLs find. */
import { attributeDescription, requireWords } from '../directive.js';
import { defineOverlay } from './definition.js';
import { urlAttribute } from './dynlist.js';
import type { DyngroupSettings } from './settings.js';

export const dyngroupOverlay = defineOverlay<DyngroupSettings['pairs'][number][]>({
  name: 'dyngroup',
  olcClass: 'olcDynGroupConfig',
  repeatable: false,
  options: [
    {
      name: 'attrpair',
      olc: 'olcDynGroupAttrPair',
      read(pairs, directive, { reader: { schema } }) {
        requireWords(directive, 2, 2);
        const [member, url] = directive.words as [string, string];
        pairs.push({
          member: attributeDescription(member, directive.name, schema),
          url: urlAttribute(url, directive.name, schema),
        });
      },
    },
  ],
  begin: () => [],
  finish: (pairs) => (pairs.length === 0 ? undefined : { kind: 'dyngroup', pairs }),
});
