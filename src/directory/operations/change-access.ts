/** May the client make this change of a modify request? */
import { Privilege, writePrivilege, type AccessEvaluator } from '../../access/model.js';
import type { EntryRecord } from '../../entry/record.js';
import type { CheckedModification } from './modifications.js';
import { demand } from './operation.js';

/** Throws 50 unless this change of this entry is allowed, value by value. */
export function demandChange(access: AccessEvaluator, record: EntryRecord, change: CheckedModification): void {
  const { description, values, operation } = change;
  const refused = `no write access to attribute '${description.text}'`;
  if (description.type.noUserModification) return demand(access, record, description, Privilege.manage, refused);
  switch (operation) {
    case 'add':
      for (const value of values) demand(access, record, description, Privilege.add, refused, value);
      return;
    case 'delete':
      if (values.length === 0) demand(access, record, description, Privilege.delete, refused);
      for (const value of values) demand(access, record, description, Privilege.delete, refused, value);
      return;
    case 'replace':
      demand(access, record, description, Privilege.delete, refused);
      for (const value of values) demand(access, record, description, Privilege.add, refused, value);
      return;
    case 'increment':
      demand(access, record, description, writePrivilege, refused);
  }
}
