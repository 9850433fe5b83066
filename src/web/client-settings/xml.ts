/** XML whose inserted values are escaped, whatever they hold. */

export class Xml {
  constructor(readonly text: string) {}
}

type Part = string | number | Xml | readonly Xml[];

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };
const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** A tag for templates. */
export function xml(strings: TemplateStringsArray, ...values: readonly Part[]): Xml {
  return new Xml(strings.map((text, place) => text + (place < values.length ? written(values[place] ?? '') : '')).join(''));
}

function written(value: Part): string {
  if (value instanceof Xml) return value.text;
  if (typeof value === 'object') return value.map(({ text }) => text).join('');
  // XML 1.0 has no way to write other control characters, nor halves of surrogate pairs.
  return [...String(value)]
    .filter((character) => !/[\p{Cc}\p{Cs}\uFFFE\uFFFF]/u.test(character) || /[\t\n\r]/.test(character))
    .map((character) => entities[character] ?? character)
    .join('');
}

/** The text of an element that holds nothing but characters, by its local name; undefined where there is none. */
export function elementText(document: string, name: string): string | undefined {
  const found = new RegExp(`<(?:[\\w.-]{1,50}:)?${name}(?:\\s[^<>]{0,500})?>([^<]*)</`).exec(document)?.[1];
  return found?.trim().replace(/&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#x([\da-fA-F]{1,6}));/g, (whole, entity, decimal, hex) => {
    if (typeof entity === 'string') return named[entity] ?? whole;
    const code = typeof decimal === 'string' ? Number(decimal) : Number.parseInt(String(hex), 16);
    return code > 0 && code <= 0x10_ff_ff ? String.fromCodePoint(code) : whole;
  });
}
