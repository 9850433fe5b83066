/** The text of a welcome mail, with places for what differs from account to account. */
import { invalid } from './errors.js';

/** What can stand in braces. */
export const placeholders = ['name', 'address', 'domain', 'settings', 'site', 'postmaster'] as const;
export type Placeholder = (typeof placeholders)[number];

export interface WelcomeTemplate {
  readonly subject: string;
  readonly body: string;
}

export type WelcomeValues = Readonly<Record<Placeholder, string>>;

export const templateBytesMax = 64 * 1024;
const subjectLengthMax = 200;
const placeholder = /\{([^{}\s]*)\}/g;

/**
 * Reads a template: a line `Subject: ...`, an empty line, the text.
 *
 * @throws MailError `invalid` that names the line at fault
 */
export function parseTemplate(bytes: Uint8Array, field = 'template'): WelcomeTemplate {
  if (bytes.length > templateBytesMax) throw invalid(field, `it has more than ${templateBytesMax / 1024} KiB`);
  const lines = decode(bytes, field).split(/\r\n|\n|\r/);
  const [, subject = ''] = /^Subject:[ \t]*(.*?)[ \t]*$/i.exec(lines[0] ?? '') ?? [];
  if (subject === '') throw invalid(field, 'line 1: it has to begin with “Subject: ” and a subject');
  if (subject.length > subjectLengthMax)
    throw invalid(field, `line 1: a subject can have at most ${subjectLengthMax} characters`);
  if (lines[1]?.trim() !== '') throw invalid(field, 'line 2: an empty line has to stand between the subject and the text');
  const body = lines.slice(2).join('\n').trim();
  if (body === '') throw invalid(field, 'line 3: the text is missing');
  for (const [index, line] of lines.entries()) checkLine(line, `line ${index + 1}`, field);
  return { subject, body: `${body}\n` };
}

function decode(bytes: Uint8Array, field: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw invalid(field, 'it is not UTF-8');
  }
}

function checkLine(line: string, where: string, field: string): void {
  if (/[^\P{Cc}\t]/u.test(line)) throw invalid(field, `${where}: it holds a control character`);
  for (const [whole, name] of line.matchAll(placeholder)) {
    if (!placeholders.some((known) => known === name)) {
      throw invalid(field, `${where}: there is no ${whole}; use ${placeholders.map((known) => `{${known}}`).join(', ')}`);
    }
  }
}

export function uses({ subject, body }: WelcomeTemplate, name: Placeholder): boolean {
  return `${subject}\n${body}`.includes(`{${name}}`);
}

/** The subject and the text for one account. A paragraph that names something that has no value is left out. */
export function fillTemplate({ subject, body }: WelcomeTemplate, values: WelcomeValues): WelcomeTemplate {
  const valueOf = (name: string): string => values[name as Placeholder];
  const fill = (text: string): string => text.replace(placeholder, (_, name: string) => valueOf(name));
  const isEmpty = (paragraph: string): boolean =>
    [...paragraph.matchAll(placeholder)].some(([, name = '']) => valueOf(name) === '');
  const paragraphs = body.split(/\n{2,}/).filter((paragraph) => !isEmpty(paragraph));
  return { subject: fill(subject), body: paragraphs.map(fill).join('\n\n') };
}
