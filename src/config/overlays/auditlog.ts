/** `overlay auditlog`: each change is appended to a file, as LDIF with comments that say who made it. */
import { onlyPath } from '../directive.js';
import { defineOverlay } from './definition.js';

export const auditlogOverlay = defineOverlay<{ path: string | undefined }>({
  name: 'auditlog',
  olcClass: 'olcAuditlogConfig',
  repeatable: true,
  options: [
    {
      name: 'auditlog',
      olc: 'olcAuditlogFile',
      read: (draft, directive, { reader }) => void (draft.path = onlyPath(directive, reader.cwd)),
    },
  ],
  begin: () => ({ path: undefined }),
  finish: ({ path }) => (path === undefined ? undefined : { kind: 'auditlog', path }),
});
