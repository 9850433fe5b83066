/** `overlay valsort`: in which order searches answer the values of an attribute. */
import { attributeDescription, ConfigError, distinguishedName, oneOf, requireWords, type Directive } from '../directive.js';
import { defineOverlay, type OverlayContext } from './definition.js';
import type { ValsortRule } from './settings.js';

type Order = Pick<ValsortRule, 'by' | 'descends' | 'weighted'>;

const orders: ReadonlyMap<string, Order> = new Map<string, Order>([
  ['alpha-ascend', { by: 'text', descends: false, weighted: false }],
  ['alpha-descend', { by: 'text', descends: true, weighted: false }],
  ['numeric-ascend', { by: 'number', descends: false, weighted: false }],
  ['numeric-descend', { by: 'number', descends: true, weighted: false }],
  ['weighted', { by: undefined, descends: false, weighted: true }],
]);

/** Integer and Numeric String. */
const numericSyntaxes = new Set(['1.3.6.1.4.1.1466.115.121.1.27', '1.3.6.1.4.1.1466.115.121.1.36']);

export const valsortOverlay = defineOverlay<ValsortRule[]>({
  name: 'valsort',
  olcClass: 'olcValSortConfig',
  repeatable: false,
  options: [{ name: 'valsort-attr', olc: 'olcValSortAttr', read: readRule }],
  begin: () => [],
  finish: (rules) => ({ kind: 'valsort', rules }),
});

/** `valsort-attr <attribute> <base> <order> [<order among equal weights>]` */
function readRule(rules: ValsortRule[], directive: Directive, { reader }: OverlayContext): void {
  requireWords(directive, 3, 4);
  const { name } = directive;
  const [attribute, base, first, second] = directive.words as [string, string, string, string | undefined];
  const description = attributeDescription(attribute, name, reader.schema);
  if (description.type.singleValue) {
    reader.warn(directive, `"${attribute}" of "${name}" has one value at most: there is nothing to sort`);
    return;
  }
  const order = { ...oneOf(first, name, orders) };
  const inner = second === undefined ? undefined : oneOf(second, name, orders);
  const { by, descends } = order.weighted && inner ? inner : order;
  if (by === 'number' && !numericSyntaxes.has(description.type.syntax.oid)) {
    throw new ConfigError(`"${name}" sorts by numbers, but the values of "${attribute}" are none`);
  }
  rules.push({
    attribute: description,
    base: distinguishedName(base, name, reader.schema),
    by,
    descends,
    weighted: order.weighted,
  });
}
