/** One change as slapd's overlay auditlog writes it: LDIF between two comments. */
import type { DN } from '../../../dn/dn.js';
import type { EntryDraft } from '../../../entry/draft.js';
import type { EntryRecord } from '../../../entry/record.js';
import type { AttributeDescription } from '../../../ldap/schema.js';
import { formatEntry } from '../../../ldif/writer.js';
import type { GivenChange, Overlay, Write } from '../overlay.js';

type Kind = 'add' | 'modify' | 'modrdn' | 'delete';

/** Goes to its overlay once the change is on disk. */
export class AuditlogRecord {
  constructor(
    readonly overlay: Overlay,
    readonly text: string,
  ) {}
}

/** What every record has whatever the change is. */
export interface Audited {
  readonly write: Write;
  readonly suffix: string;
  readonly kind: Kind;
  readonly dn: string;
  /** As the entry says after the change. */
  readonly modifiersName: string | undefined;
}

export function auditRecord({ write, suffix, kind, dn, modifiersName }: Audited, body: string): string {
  const { author, peer } = write;
  const seconds = Math.floor(Date.now() / 1_000);
  const who = modifiersName ?? author?.toString() ?? '';
  const words = [kind, seconds, suffix || 'global', ...(who === '' ? [] : [inLine(who)]), peer?.name ?? ''];
  const realName = author && author.toString() !== who ? `# realdn: ${inLine(author.toString())}\n` : '';
  const head = `# ${words.join(' ')} conn=${peer?.connection ?? -1}\n${realName}`;
  const name = formatEntry(dn, []).trimEnd();
  return `${head}${name}\nchangetype: ${kind}\n${body}# end ${kind} ${seconds}\n\n`;
}

/** A comment is one line. */
function inLine(text: string): string {
  return text.replace(/[\r\n]/g, ' ');
}

export function addedLines(draft: EntryDraft): string {
  return [...draft.attributes.values()].map(({ description, values }) => lines(description, values)).join('');
}

/** What a modify request said, and what the server changed with it. */
export function modifiedLines(
  draft: EntryDraft,
  old: EntryRecord,
  given: readonly GivenChange[] = [],
  stamps: readonly AttributeDescription[] = [],
): string {
  const told = new Set(given.map(({ description }) => description));
  const asked = given.map(({ operation, description, values }) => change(operation, description, values));
  const changed = changedAttributes(draft, old).filter((description) => !stamps.includes(description));
  // As slapd, also where they are what they were: whoever replays the file gets them right.
  const stamped = stamps.filter((description) => draft.values(description).length > 0);
  const others = [...changed, ...stamped].filter((description) => !told.has(description));
  return [...asked, ...others.map((description) => change('replace', description, draft.values(description)))].join('');
}

function changedAttributes(draft: EntryDraft, old: EntryRecord): AttributeDescription[] {
  const found = [...draft.attributes.values()].flatMap(({ description, values }) => {
    const former = old.values(description);
    const isSame = values.length === former.length && values.every((value, index) => value.equals(former[index]!));
    return isSame ? [] : [description];
  });
  for (let index = 0; index < old.attributeCount; index++) {
    const description = old.description(index);
    if (draft.values(description).length === 0) found.push(description);
  }
  return found;
}

function change(operation: GivenChange['operation'], description: AttributeDescription, values: readonly Buffer[]): string {
  return `${operation}: ${description.text}\n${lines(description, values)}-\n`;
}

/** `old`: the entry's former name. The old RDN is gone where a value of it is. */
export function renamedLines(to: DN, old: DN, draft: EntryDraft): string {
  const isKept = (old.rdn?.avas ?? []).every(({ type, value }) =>
    [...draft.attributes.values()].some(
      ({ description, values }) =>
        description.type === type && values.some((one) => type.equality?.normalize(one) === type.equality?.normalize(value)),
    ),
  );
  const moved = to.parent && old.parent && !to.parent.equals(old.parent);
  const superior = moved ? text('newsuperior', to.parent.toString()) : '';
  return `${text('newrdn', to.rdn?.toString() ?? '')}deleteoldrdn: ${isKept ? 0 : 1}\n${superior}`;
}

function text(name: string, value: string): string {
  return body([{ type: name, values: [Buffer.from(value)] }]);
}

function lines({ text: type }: AttributeDescription, values: readonly Buffer[]): string {
  return values.length === 0 ? '' : body([{ type, values }]);
}

/** Lines as in an entry, without its name. */
function body(attributes: readonly { readonly type: string; readonly values: readonly Buffer[] }[]): string {
  const whole = formatEntry('', attributes);
  return `${whole.slice(whole.indexOf('\n') + 1).trimEnd()}\n`;
}
