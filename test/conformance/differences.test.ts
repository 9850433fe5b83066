/** What differs from slapd on purpose is told to those who come from it: docs/from-openldap.md has every reason. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { groups } from './directed/index.js';
import { reasons as ofLines } from '../config/slaptest-lines.js';
import { settings } from './settings/index.js';

const file = readFileSync(join(import.meta.dirname, '../../docs/from-openldap.md'), 'utf8');
const [, page = ''] =
  /^## Differences that remain$(.*?)(?=^## |(?![^]))/ms.exec(file)?.map((text) => text.replace(/\s+/g, ' ')) ?? [];
const steps = [...Object.values(groups).flat(), ...Object.values(settings).flatMap((setting) => setting.steps)];
const reasons = [...new Set([...steps.flatMap(({ rather }) => rather?.because ?? []), ...Object.values(ofLines)])];

describe('the page for those who come from OpenLDAP', () => {
  test.each(reasons)('tells: %s', (reason) => {
    expect(page).toContain(`*${reason}*`);
  });

  test('tells nothing as a tested difference that no script knows', () => {
    const told = [...page.matchAll(/(?<!\*)\*([^*]+)\*(?!\*)/g)].map(([, text]) => text);
    const untested = told.filter((text) => !reasons.includes(text!));
    expect(untested).toEqual(['slapd answers an entry as often as aliases lead to it']);
    expect(steps.some(({ once }) => once)).toBe(true);
  });
});
