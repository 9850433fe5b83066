/** An entry as a search answers it: what to copy from its record, and what comes on top. */
import type { ResponseControl } from '../ldap/control.js';
import type { PartialAttribute } from '../ldap/request.js';
import type { EntryRecord } from './record.js';

/** One entry of a search's answer. Valid only during the call: a sink that keeps it copies it. */
export interface ResultEntry {
  readonly record: EntryRecord;
  /** Pairs of offsets into `record.buffer`, each a run of PartialAttribute encodings to be copied as they are. */
  readonly ranges: readonly number[];
  /** Attributes that are not in the record as they are wanted: computed ones, filtered values, types only. */
  readonly extra: readonly PartialAttribute[];
  readonly controls: readonly ResponseControl[];
}
