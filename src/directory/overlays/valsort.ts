/** `valsort`: in which order searches answer the values of an attribute. */
import type { ValsortRule, ValsortSettings } from '../../config/overlays/settings.js';
import { ndnIsWithin } from '../../dn/normalized.js';
import type { EntryDraft } from '../../entry/draft.js';
import type { EntryRecord } from '../../entry/record.js';
import type { ControlType } from '../../ldap/control.js';
import { LdapError, ResultCode } from '../../ldap/result.js';
import type { AttributeDescription } from '../../ldap/schema.js';
import { valueKey } from '../operations/attribute-values.js';
import type { GivenChange, Overlay, Write } from './overlay.js';

/** `{5}`, before the value proper; the number as strtol(3) reads it. */
const weightPattern = /\{\s*([+-]?(?:0x[0-9a-f]+|\d+))?\}/iy;

export class ValsortOverlay implements Overlay {
  readonly name = 'valsort';
  readonly searchControls: ReadonlySet<ControlType> = new Set(['valueSort']);

  constructor(private readonly settings: ValsortSettings) {}

  presentValues(record: EntryRecord, description: AttributeDescription, values: Buffer[]): Buffer[] {
    let sorted = values;
    for (const rule of this.settings.rules) {
      if (rule.attribute !== description || !ndnIsWithin(record.ndn, rule.base.normalized)) continue;
      sorted = rule.weighted ? byWeight(rule, sorted) : inOrder(rule, sorted);
    }
    return sorted;
  }

  /** Throws 19 where a value lacks the weight that a rule sorts by. */
  check(_: Write, draft: EntryDraft, old: EntryRecord | undefined, given?: readonly GivenChange[]): void {
    for (const { attribute, base, weighted } of this.settings.rules) {
      if (!weighted || !ndnIsWithin(draft.dn.normalized, base.normalized)) continue;
      const change = given?.find(({ description, values }) => description === attribute && values.length > 0);
      for (const value of old ? (change?.values ?? []) : draft.values(attribute)) {
        if (weightOf(value) !== undefined) continue;
        const what = value.includes('{') ? 'is misformatted' : 'missing from attribute';
        throw new LdapError(ResultCode.constraintViolation, `weight ${what}`);
      }
    }
  }
}

interface Weighted {
  readonly weight: number;
  readonly value: Buffer;
}

/** Undefined without a weight. */
function weightOf(value: Buffer): Weighted | undefined {
  const text = value.toString('latin1');
  weightPattern.lastIndex = Math.max(text.indexOf('{'), 0);
  const found = weightPattern.exec(text);
  if (!found) return undefined;
  return { weight: integerOf(found[1] ?? '0'), value: value.subarray(weightPattern.lastIndex) };
}

/** Values without a weight are answered as they are. */
function byWeight(rule: ValsortRule, values: Buffer[]): Buffer[] {
  const weighted = values.map(weightOf);
  if (weighted.includes(undefined)) return values;
  const groups = new Map<number, Buffer[]>();
  for (const { weight, value } of weighted as Weighted[]) {
    const group = groups.get(weight);
    if (group) group.push(value);
    else groups.set(weight, [value]);
  }
  const order = [...groups].sort(([a], [b]) => a - b);
  return order.flatMap(([, group]) => (rule.by === undefined ? group : inOrder(rule, group)));
}

function inOrder({ attribute, by, descends }: ValsortRule, values: Buffer[]): Buffer[] {
  const sign = descends ? -1 : 1;
  if (by === 'number') {
    const keyed = values.map((value) => ({ value, key: integerOf(value.toString('latin1')) }));
    return keyed.sort((a, b) => sign * (a.key - b.key)).map(({ value }) => value);
  }
  const keyed = values.map((value) => ({ value, key: Buffer.from(valueKey(attribute, value)) }));
  return keyed.sort((a, b) => sign * a.key.compare(b.key)).map(({ value }) => value);
}

/** As strtol(3) with base 0. */
function integerOf(text: string): number {
  const [, sign = '', digits = ''] = /^\s*([+-]?)(0x[0-9a-f]+|\d*)/i.exec(text) ?? [];
  const isOctal = digits.startsWith('0') && !/^0x/i.test(digits);
  const value = isOctal ? Number.parseInt(/^[0-7]*/.exec(digits)![0], 8) : Number(digits);
  return sign === '-' ? -value : value;
}
