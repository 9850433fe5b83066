/**
 * Matching rules of attribute types whose values are numbered (`X-ORDERED 'VALUES'`): the rule they are defined with, which
 * sees values without their numbers. As in slapd, the number in an assertion counts for nothing either; changes of an
 * entry look at numbers themselves.
 */
import type { MatchingRule } from '../ldap/schema.js';
import { endOfNumber, withoutNumber } from '../ldap/ordered-values.js';

const plainRules = new WeakMap<MatchingRule, MatchingRule>();

export function orderedRule(rule: MatchingRule | undefined): MatchingRule | undefined {
  if (!rule) return undefined;
  const ordered: MatchingRule = {
    ...rule,
    normalize: (value) => rule.normalize(withoutNumber(value)),
    // As slapd: the assertion has to fit the rule's syntax with its number.
    normalizeAssertion: (value) => {
      const normalized = rule.normalize(value);
      return normalized?.replace(/^\{[\d ]+\}/, '');
    },
    matches: (buffer, start, end, normalized) => rule.matches(buffer, endOfNumber(buffer, start, end), end, normalized),
  };
  plainRules.set(ordered, rule);
  return ordered;
}

/** What a subtype inherits: the numbers are not among it. */
export function plainRule(rule: MatchingRule | undefined): MatchingRule | undefined {
  return rule && (plainRules.get(rule) ?? rule);
}
