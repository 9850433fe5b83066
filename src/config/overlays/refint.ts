/** `refint`, as slapd's overlay and in jammd's one-line form: attributes that name entries follow those. */
import { ConfigError, distinguishedName, onlyWord, requireWords, type Directive } from '../directive.js';
import type { AttributeDescription } from '../../ldap/schema.js';
import type { DN } from '../../dn/dn.js';
import type { Place } from '../place.js';
import { defineOverlay, type OverlayContext } from './definition.js';
import { requireNames } from './names.js';
import { requireEqualityIndexes } from './required-indexes.js';
import type { RefintSettings } from './settings.js';

interface RefintDraft {
  /** The line that names attributes. */
  place: Place;
  readonly attributes: AttributeDescription[];
  nothing: DN | undefined;
  modifiersName: DN | undefined;
}

export const refintOverlay = defineOverlay<RefintDraft>({
  name: 'refint',
  olcClass: 'olcRefintConfig',
  repeatable: false,
  options: [
    { name: 'refint_attributes', olc: 'olcRefintAttribute', read: readAttributes },
    {
      name: 'refint_nothing',
      olc: 'olcRefintNothing',
      read: (draft, directive, { reader }) => {
        draft.nothing = distinguishedName(onlyWord(directive), directive.name, reader.schema);
      },
    },
    {
      name: 'refint_modifiersname',
      olc: 'olcRefintModifiersName',
      read: (draft, directive, { reader }) => {
        draft.modifiersName = distinguishedName(onlyWord(directive), directive.name, reader.schema);
      },
    },
  ],
  begin: (directive, { reader }) => ({
    place: directive,
    attributes: [],
    nothing: undefined,
    modifiersName: distinguishedName('cn=Referential Integrity Overlay', directive.name, reader.schema),
  }),
  finish,
});

/** `refint <attribute>... [nothing=<dn>]` */
export const refintDirective = defineOverlay<RefintDraft>({
  name: 'refint',
  olcClass: 'olcRefintConfig',
  repeatable: false,
  options: [],
  begin(directive, { reader }) {
    requireWords(directive, 1);
    const draft: RefintDraft = { place: directive, attributes: [], nothing: undefined, modifiersName: undefined };
    for (const word of directive.words) {
      const substitute = /^nothing=(.*)$/is.exec(word)?.[1];
      if (substitute === undefined) draft.attributes.push(requireNames(word, 'refint', reader.schema));
      else draft.nothing = distinguishedName(substitute, 'refint', reader.schema);
    }
    if (draft.attributes.length === 0) throw new ConfigError('no attribute in "refint"');
    return draft;
  },
  finish,
});

function readAttributes(draft: RefintDraft, directive: Directive, { reader }: OverlayContext): void {
  requireWords(directive, 1);
  for (const name of directive.words) draft.attributes.push(requireNames(name, directive.name, reader.schema));
  draft.place = directive;
}

function finish(draft: RefintDraft, _: Place, context: OverlayContext): RefintSettings | undefined {
  const { place, attributes, nothing, modifiersName } = draft;
  requireEqualityIndexes(context, place, 'refint', attributes);
  return attributes.length === 0 ? undefined : { kind: 'refint', attributes, nothing, modifiersName };
}
