/** A filter of the configuration as BER (RFC 4511 section 4.5.1.7). It nests no deeper than the configuration lets it. */
import { berBoolean, berElement, berOctetString, berSequence, contextTag } from '../ber/ber.js';
import type { Filter } from '../ldap/filter.js';
import { FilterTag } from '../protocol/filter-decoder.js';

export function encodeFilter(filter: Filter): Buffer {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return berElement(FilterTag[filter.kind], ...filter.filters.map(encodeFilter));
    case 'not':
      return berElement(FilterTag.not, encodeFilter(filter.filter));
    case 'present':
      return berOctetString(filter.attribute, FilterTag.present);
    case 'equality':
    case 'greaterOrEqual':
    case 'lessOrEqual':
    case 'approx':
      return berElement(FilterTag[filter.kind], berOctetString(filter.attribute), berOctetString(filter.value));
    case 'substrings': {
      const parts = [
        ...(filter.initial ? [berOctetString(filter.initial, contextTag(0))] : []),
        ...filter.any.map((part) => berOctetString(part, contextTag(1))),
        ...(filter.final ? [berOctetString(filter.final, contextTag(2))] : []),
      ];
      return berElement(FilterTag.substrings, berOctetString(filter.attribute), berSequence(...parts));
    }
    case 'extensible':
      return berElement(
        FilterTag.extensible,
        ...(filter.rule === undefined ? [] : [berOctetString(filter.rule, contextTag(1))]),
        ...(filter.attribute === undefined ? [] : [berOctetString(filter.attribute, contextTag(2))]),
        berOctetString(filter.value, contextTag(3)),
        ...(filter.dnAttributes ? [berBoolean(true, contextTag(4))] : []),
      );
  }
}
