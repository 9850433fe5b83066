/** Changes as jammd's audit log has them: names of entries and attributes, and never a value. */
import type { LogTail } from './log-tail.js';
import { MailError } from './errors.js';
import { meaningOf, type ChangeKind, type ChangeLog, type LoggedChange } from './logged-change.js';
import { told } from './told.js';

/** What every line of a domain's entries has. */
export type LineFilter = (line: string) => boolean;

export class AuditLogFile implements ChangeLog {
  readonly #tail: LogTail;
  readonly #mayMatter: LineFilter;

  /** `mayMatter`: lines for which it is false are not parsed. */
  constructor(tail: LogTail, mayMatter: LineFilter) {
    this.#tail = tail;
    this.#mayMatter = mayMatter;
  }

  get cut(): boolean {
    return this.#tail.cut;
  }

  /** @throws MailError `unavailable` */
  async *changes(): AsyncGenerator<LoggedChange> {
    /** What became of the transaction that a connection's earlier lines belong to. */
    const committed = new Map<unknown, boolean>();
    try {
      for await (const text of this.#tail.lines()) {
        const isEnd = text.includes('"endTransaction"');
        if (!isEnd && !this.#mayMatter(text)) continue;
        const line = parseLine(text);
        if (line === undefined) continue;
        if (line['event'] === 'endTransaction') committed.set(line['conn'], line['commit'] === true && line['code'] === 0);
        else if (line['transaction'] !== 'queued' || committed.get(line['conn']) === true) yield* changeOf(line);
      }
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error;
      const what = told('auditLogUnreadable', { reason: String(error.code) });
      throw new MailError('unavailable', what, undefined, { cause: error });
    }
  }
}

type Line = Readonly<Record<string, unknown>>;

function parseLine(text: string): Line | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Line) : undefined;
  } catch {
    // One that is being written, or was cut off by a crash.
    return undefined;
  }
}

const kinds: Readonly<Record<string, ChangeKind>> = {
  add: 'added',
  modify: 'changed',
  modifyDN: 'renamed',
  delete: 'deleted',
  passwordModify: 'password',
};

function changeOf(line: Line): readonly LoggedChange[] {
  const kind = kinds[textOf(line['event']) ?? ''];
  const at = new Date(textOf(line['time']) ?? '');
  const dn = textOf(line['dn']);
  if (kind === undefined || dn === undefined || Number.isNaN(at.getTime())) return [];
  const refused = line['code'] !== 0;
  const attributes = kind === 'changed' ? namesIn(line['changes']) : kind === 'added' ? textsIn(line['attributes']) : [];
  const who = refused ? undefined : /^dn:(.+)$/i.exec(textOf(line['authzid']) ?? '')?.[1];
  const meaning = meaningOf(kind, attributes);
  if (meaning === undefined) return [];
  return [
    {
      at,
      who: who ?? textOf(line['who']),
      from: textOf(line['from']),
      dn,
      newDn: textOf(line['newDn']),
      ...meaning,
      refused,
    },
  ];
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function textsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
}

function namesIn(changes: unknown): readonly string[] {
  if (!Array.isArray(changes)) return [];
  return textsIn(
    changes.map((one: unknown) => (typeof one === 'object' && one !== null && 'attribute' in one ? one.attribute : undefined)),
  );
}
