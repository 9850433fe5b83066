/** The Matched Values control (RFC 3876): of the attributes that its filters name, only the values that match. */
import type { Control } from '../../ldap/control.js';
import { compileValueFilters, type CompiledValueFilter } from '../../filter/value-filter.js';
import type { FilterEnvironment } from '../../filter/evaluate.js';
import { LdapError, ResultCode } from '../../ldap/result.js';
import type { Schema } from '../../ldap/schema.js';
import { matchedValuesMax } from '../limits.js';
import type { ValueFilter } from '../search/selection.js';

export function valueFilterOf(
  control: Extract<Control, { type: 'matchedValues' }>,
  schema: Schema,
  environment: FilterEnvironment,
): ValueFilter {
  const filters: readonly CompiledValueFilter[] = compileValueFilters(control.filters, schema);
  return (record, description, values) => {
    if (values.length * filters.length > matchedValuesMax) {
      throw new LdapError(ResultCode.adminLimitExceeded, 'too many values for so many value filters');
    }
    return values.filter(
      (value) => environment.mayTest(record, description, value) && filters.some((filter) => filter.matches(description, value)),
    );
  };
}
