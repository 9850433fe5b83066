/** `overlay sssvlv`: sorting is built in, so that its lines have nothing to set. */
import { onlyNumber } from '../directive.js';
import { defineOverlay } from './definition.js';

const limits = { 'sssvlv-max': 'olcSssVlvMax', 'sssvlv-maxkeys': 'olcSssVlvMaxKeys', 'sssvlv-maxperconn': 'olcSssVlvMaxPerConn' };

export const sssvlvOverlay = defineOverlay<undefined>({
  name: 'sssvlv',
  olcClass: 'olcSssVlvConfig',
  repeatable: false,
  options: Object.entries(limits).map(([name, olc]) => ({
    name,
    olc,
    read(_, directive, { reader }) {
      onlyNumber(directive);
      reader.warn(directive, `"${name}" has no effect: searches sort by at most 5 keys, in bounded memory`);
    },
  })),
  begin: () => undefined,
  finish: () => undefined,
});
