/**
 * docs/directives.md holds every directive that the manual pages of Debian 12's and 13's slapd describe (manual-directives.txt has their
 * names; scripts/man-directives.mjs makes it), and jammd does with each what the page says.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { olcAttributes } from '../../src/config/cn-config/attributes.js';
import { limitDirectives } from '../../src/config/limits.js';
import type { Diagnostic } from '../../src/config/model.js';
import { overlayTypes } from '../../src/config/overlays/registry.js';
import { refusedOverlays } from '../../src/config/overlays/refused.js';
import { parseConfig } from '../../src/config/parse.js';
import { refusedDatabases } from '../../src/config/refused-databases.js';
import { directiveLines } from './directive-lines.js';

const page = readFileSync(join(import.meta.dirname, '../../docs/directives.md'), 'utf8');
const manual = readFileSync(join(import.meta.dirname, 'manual-directives.txt'), 'utf8');

/** The cells of all tables in the part of the page that has this heading. */
function tableOf(heading: string): string[][] {
  const level = /^#+/.exec(heading)![0].length;
  const [, section = ''] = new RegExp(`^${heading}$(.*?)(?=^#{1,${level}} |(?![^]))`, 'ms').exec(page) ?? [];
  return [...section.matchAll(/^\|(.*)\|$/gm)]
    .map(([, row]) => row!.split('|').map((cell) => cell.trim()))
    .filter(([first]) => first!.startsWith('`'));
}

const unquoted = (cell = ''): string => cell.replaceAll('`', '');
const namesIn = (cell = ''): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name!);

interface Row {
  readonly directive: string;
  readonly overlay?: string;
  readonly olc: string;
  readonly answer: string;
  readonly note: string;
}

const rows: Row[] = [
  ...tableOf('## The server and its databases').map(([directive, olc, answer, note]) => ({
    directive: unquoted(directive),
    olc: unquoted(olc),
    answer: answer!,
    note: note ?? '',
  })),
  ...tableOf('## Overlays')
    .filter((cells) => cells.length >= 4)
    .map(([overlay, directive, olc, answer, note]) => ({
      overlay: unquoted(overlay),
      directive: unquoted(directive),
      olc: unquoted(olc),
      answer: answer!,
      note: note ?? '',
    })),
];
const overlaysRefused = new Map(tableOf('### Refused overlays').map(([name, why, names]) => [unquoted(name), { why, names }]));
const databasesRefused = new Map(tableOf('## Other databases').map(([name, why, names]) => [unquoted(name), { why, names }]));

const allSchemas = 'include cosine.schema\ninclude inetorgperson.schema\ninclude dyngroup.schema\n';
/** Enough for what needs no definitions, and read sooner. */
const someSchema = 'include core.schema\n';
const database = 'database mdb\nsuffix dc=example,dc=org\ndirectory /srv/x\n';

/** What jammd says to the last line. */
function judge(before: string, line: string, after = '', schemas = someSchema): readonly Diagnostic[] {
  const text = `${schemas}${before}${before === '' || before.endsWith('\n') ? '' : '\n'}${line}${after}`;
  const number = text.slice(0, text.length - after.length).split('\n').length;
  // A mistake of a whole database is told at its first line.
  return parseConfig({ file: 'x', text }).diagnostics.filter((found) => found.line === number || found.severity === 'error');
}

const inDatabase = new Set(
  tableOf("### slapd's storage engines")
    .concat(tableOf('### A database'))
    .map(([name]) => unquoted(name)),
);

function judgeRow({ directive, overlay, answer }: Row): readonly Diagnostic[] {
  const sample = directiveLines[directive.toLowerCase()] ?? `${directive} x`;
  const { line, before = '' } = typeof sample === 'string' ? { line: sample } : sample;
  const lines = before === '' ? '' : `${before}\n`;
  if (overlay !== undefined) return judge(`${database}overlay ${overlay}\n${lines}`, line, '', allSchemas);
  if (directive === 'include') return judge(someSchema, line, '', '');
  if (directive === 'idlexp') return judge('backend mdb\n', 'idlexp 18');
  if (directive === 'directory') return judge('database mdb\nsuffix dc=x\n', line);
  if (directive === 'subordinate')
    return judge('database mdb\nsuffix ou=a,dc=example,dc=org\ndirectory /srv/a\n', line, `\n${database}`);
  const schemas = answer === 'yes' ? allSchemas : someSchema;
  return judge(inDatabase.has(directive) ? `${database}${lines}` : lines, line, '', schemas);
}

describe('each directive on the page', () => {
  it.each(rows.filter(({ directive }) => directive !== ''))('$overlay $directive', (row) => {
    const found = judgeRow(row).map(({ severity, message }) => `${severity}: ${message}`);
    const isAdvice = (text: string): boolean => /^warning: .* keeps an? \w+ index/.test(text);
    if (row.answer === 'yes') expect(found.filter((text) => !isAdvice(text))).toEqual([]);
    else {
      const severity = row.answer === 'refused' ? 'error' : 'warning';
      expect(found).toEqual([expect.stringMatching(new RegExp(`^${severity}: "?${row.directive}"?`, 'i'))]);
      expect(found[0]).toContain(row.note);
      if (severity === 'warning') expect(found[0]).toContain('has no effect: ');
    }
    expect(['yes', 'no effect', 'refused']).toContain(row.answer);
  });

  it('has its attribute in cn=config beside it', () => {
    const wrong = rows.filter(({ olc, directive }) => {
      if (olc === '') return false;
      const known = olcAttributes.get(olc.toLowerCase());
      return known?.name !== olc || known.directive?.toLowerCase() !== directive.toLowerCase();
    });
    expect(wrong).toEqual([]);
  });

  it('stands there for each attribute of the server, its databases and the overlays', () => {
    const told = new Set(rows.map(({ olc }) => olc));
    const own = [...olcAttributes.values()].filter(({ section, directive }) => section !== 'other' && directive !== undefined);
    expect(own.map(({ name }) => name).filter((name) => !told.has(name))).toEqual([]);
    const ofOverlays = [...overlayTypes.values()].flatMap(({ name, olcNames }) =>
      [...olcNames].map(([directive, olc = '']) => ({ overlay: name, directive, olc })),
    );
    const written = rows.filter(({ overlay, directive }) => overlay !== undefined && directive !== '');
    expect(written.map(({ overlay, directive, olc }) => ({ overlay, directive, olc }))).toEqual(
      expect.arrayContaining(ofOverlays) as unknown,
    );
    expect(written).toHaveLength(ofOverlays.length);
  });
});

describe('refused as a whole', () => {
  it.each([...refusedOverlays])('overlay %s', (name, why) => {
    expect(overlaysRefused.get(name)?.why).toBe(why);
    expect(judge(database, `overlay ${name}`).map(({ message }) => message)).toEqual([`overlay "${name}": ${why}`]);
  });

  it.each([...refusedDatabases])('database %s', (name, why) => {
    expect(databasesRefused.get(name)?.why).toBe(why);
    expect(judge('', `database ${name}`).map(({ message }) => message)).toContain(`database "${name}": ${why}`);
    expect(judge('', `backend ${name}`).map(({ message }) => message)).toEqual([`backend "${name}": ${why}`]);
  });

  it('the page knows no others', () => {
    expect([...overlaysRefused.keys()].sort()).toEqual([...refusedOverlays.keys()].sort());
    expect([...databasesRefused.keys()].sort()).toEqual([...refusedDatabases.keys()].sort());
  });

  /** `uri` in a database of jammd's own, and the like. */
  it.each([...overlaysRefused, ...databasesRefused])('the directives of %s elsewhere', (_, { names }) => {
    for (const name of namesIn(names)) {
      const [found] = judge(database, `${name} x`);
      const isOwn = rows.some(({ directive }) => directive.toLowerCase() === name.toLowerCase());
      if (!isOwn) expect(found?.message).toMatch(new RegExp(`^"${name}": it belongs to (overlay|database|backend)s? .*: `, 'i'));
    }
  });
});

describe('the manual pages', () => {
  const pages = manual
    .trim()
    .split('\n')
    .map((line) => {
      const [name, names = ''] = line.split(/: ?/) as [string, string?];
      return { page: name, names: names.split(' ').flatMap((word) => (word === '' ? [] : word.replace(/@.*/, ''))) };
    });
  const told = new Set(rows.map(({ directive }) => directive.toLowerCase()));
  /** `database` and the like open a section of the page. `olcArchivePath` is a mistake of 2.5's page: slapd has no such attribute. */
  const elsewhere = new Set(['database', 'backend', 'overlay', 'olcarchivepath']);

  it.each(pages)('$page', ({ page: manualPage, names }) => {
    const [, kind, subject = ''] = /^slap(o|d)-(\w+)$/.exec(manualPage) ?? [];
    const refused = (kind === 'o' ? overlaysRefused : databasesRefused).get(subject);
    const refusedNames = new Set(namesIn(refused?.names).map((name) => name.toLowerCase()));
    const missing = names.filter((name) => {
      const key = name.toLowerCase();
      if (elsewhere.has(key)) return false;
      return key.startsWith('olc')
        ? !olcAttributes.has(key)
        : !told.has(key) && !refusedNames.has(key) && !limitDirectives.has(key);
    });
    expect(missing).toEqual([]);
  });

  it('are those of 2.5 and 2.6', () => {
    expect(pages.length).toBeGreaterThan(45);
    expect(pages.flatMap(({ names }) => names).length).toBeGreaterThan(450);
  });
});

describe('access rules', () => {
  const forms = tableOf('## Access rules').map(([form, answer]) => ({ form: namesIn(form)[0]!, answer: answer! }));
  /** The second table begins with `*` as the first one does. */
  const whatForms = forms.slice(
    0,
    forms.findLastIndex(({ form }) => form === '*'),
  );
  const isWhat = new Set(whatForms.map(({ form }) => form));

  it.each(forms)('$form', ({ form, answer }) => {
    const rule = isWhat.has(form) ? `access to ${form} by * read` : `access to dn.regex="^(.*)$" by ${form} read`;
    const found = judge(database, rule, '', allSchemas).map(({ message }) => message);
    if (answer === 'yes') expect(found).toEqual([]);
    else expect(found).toEqual([expect.stringContaining(answer.replace('refused: ', ''))]);
  });

  it('take every level, privilege and control that the page names', () => {
    const [, section = ''] = /^Access is a level(.*?)\n\n/ms.exec(page) ?? [];
    const [levels, privileges = []] = section.split('privileges').map(namesIn);
    const words = levels!.filter((word) => word !== 'self');
    const access = [...words, ...words.map((word) => `self${word}`), ...privileges.slice(0, -3)];
    const controls = privileges.slice(-3);
    expect(words.length).toBeGreaterThan(8);
    expect(controls).toEqual(['stop', 'continue', 'break']);
    for (const word of access) expect(judge(database, `access to * by users ${word}`)).toEqual([]);
    for (const word of controls) expect(judge(database, `access to * by users read ${word}`)).toEqual([]);
  });
});
