/** `overlay sssvlv`: sorting and virtual list views are built in; it sets how many keys a search may be sorted by. */
import { ConfigError, onlyNumber } from '../directive.js';
import { defineOverlay, type OverlayOption } from './definition.js';

interface SssvlvDraft {
  keysMax: number | undefined;
}

/** More keys than requests are read with. */
const keysMaxMax = 16;

function withoutEffect(name: string, olc: string): OverlayOption<SssvlvDraft> {
  return {
    name,
    olc,
    read(_, directive, { reader }) {
      onlyNumber(directive);
      reader.warn(directive, `"${name}" has no effect: nothing is kept between two requests, and long searches take turns`);
    },
  };
}

export const sssvlvOverlay = defineOverlay<SssvlvDraft>({
  name: 'sssvlv',
  olcClass: 'olcSssVlvConfig',
  repeatable: false,
  options: [
    withoutEffect('sssvlv-max', 'olcSssVlvMax'),
    {
      name: 'sssvlv-maxkeys',
      olc: 'olcSssVlvMaxKeys',
      read(draft, directive) {
        draft.keysMax = onlyNumber(directive);
        if (draft.keysMax > keysMaxMax) throw new ConfigError(`"${directive.name}" is ${keysMaxMax} at most`);
      },
    },
    withoutEffect('sssvlv-maxperconn', 'olcSssVlvMaxPerConn'),
  ],
  begin: () => ({ keysMax: undefined }),
  finish: ({ keysMax }) => (keysMax === undefined ? undefined : { kind: 'sssvlv', keysMax }),
});
