/** slapd's overlay auditlog: each change that a client made is appended to a file, as LDIF, once it is on disk. */
import type { AuditlogSettings } from '../../../config/overlays/settings.js';
import type { EntryDraft } from '../../../entry/draft.js';
import { DN } from '../../../dn/dn.js';
import type { EntryRecord } from '../../../entry/record.js';
import type { Database } from '../../database.js';
import { wellKnownOf } from '../../rules/schema-check.js';
import type { GivenChange, Overlay, Write } from '../overlay.js';
import { AppendedFile } from './appended-file.js';
import { addedLines, auditRecord, AuditlogRecord, modifiedLines, renamedLines, type Audited } from './record.js';

export class AuditlogOverlay implements Overlay {
  readonly name = 'auditlog';
  readonly #file: AppendedFile;

  constructor(
    private readonly database: Database,
    { path }: AuditlogSettings,
  ) {
    this.#file = new AppendedFile(path);
    database.store.onCommit((notes) => {
      for (const note of notes) if (note instanceof AuditlogRecord && note.overlay === this) this.#file.append(note.text);
    });
  }

  check(write: Write, draft: EntryDraft, old: EntryRecord | undefined, given?: readonly GivenChange[]): void {
    const { schema } = this.database;
    const known = wellKnownOf(schema);
    const stamps = [known.entryCSN, known.modifiersName, known.modifyTimestamp];
    const modifiersName = draft.values(known.modifiersName)[0]?.toString();
    const dn = draft.dn.toString();
    if (!old) return this.#note({ write, kind: 'add', dn, modifiersName }, addedLines(draft));
    const former = DN.parse(old.dn, schema);
    if (former.toString() === dn)
      return this.#note({ write, kind: 'modify', dn, modifiersName }, modifiedLines(draft, old, given, stamps));
    const renamed = { write, kind: 'modrdn', dn: former.toString(), modifiersName: undefined } as const;
    this.#note(renamed, renamedLines(draft.dn, former, draft));
  }

  beforeDelete(write: Write, old: EntryRecord): void {
    this.#note({ write, kind: 'delete', dn: old.dn, modifiersName: undefined }, '');
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  #note(audited: Omit<Audited, 'suffix'>, body: string): void {
    const suffix = this.database.config.suffixes[0]?.toString() ?? '';
    audited.write.tx.note(new AuditlogRecord(this, auditRecord({ ...audited, suffix }, body)));
  }
}
