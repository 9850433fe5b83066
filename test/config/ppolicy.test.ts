/** `overlay ppolicy` in slapd.conf: its directives, and the schema that OpenLDAP 2.4 kept in a file. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseConfig, type ParseResult } from '../../src/config/parse.js';

/** As in the ppolicy.schema of 2.4, which has fewer attributes in the class than the overlay of today. */
const schemaOf24 = `attributetype ( 1.3.6.1.4.1.42.2.27.8.1.1
  NAME 'pwdAttribute'
  EQUALITY objectIdentifierMatch
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.38 )
objectclass ( 1.3.6.1.4.1.42.2.27.8.2.1
  NAME 'pwdPolicy'
  SUP top
  AUXILIARY
  MUST ( pwdAttribute )
  MAY ( pwdMinAge ) )
`;

const text = (before: string, after = ''): string =>
  `include core.schema\n${before}\ndatabase mdb\nsuffix o=x\ndirectory /srv\n${after}\n`;

/** With the built-in schemas, and 2.4's file in a folder of its own. */
const parse = (content: string): ParseResult => {
  const readFile = (path: string): Buffer | string | undefined => {
    if (path === '/24/ppolicy.schema') return schemaOf24;
    return existsSync(path) ? readFileSync(path) : undefined;
  };
  return parseConfig({ file: 'test.conf', text: content, readFile });
};

const mayOf = ({ config }: ParseResult): string[] =>
  [...(config?.schema.objectClass('pwdPolicy')?.may ?? [])].map(({ name }) => name);

describe('the schema of ppolicy', () => {
  it.each([
    ['before the module', 'include /24/ppolicy.schema\nmoduleload ppolicy', 'overlay ppolicy'],
    ['after the module', 'moduleload ppolicy.la\ninclude /24/ppolicy.schema', 'overlay ppolicy'],
    ['without the overlay', 'include /24/ppolicy.schema', ''],
  ])("is the overlay's own where 2.4's file is included %s", (_, before, after) => {
    const core = parse(text(before, after));
    expect(core.config).toBeDefined();
    expect(mayOf(core)).toContain('pwdMaxRecordedFailure');
    expect(core.config?.schema.attributeType('pwdAttribute')?.syntax.pretty?.(Buffer.from('2.5.4.35'))?.toString()).toBe(
      'userPassword',
    );
  });

  it('stands in for a file that is not there', () => {
    const found = parse(text('include /nowhere/ppolicy.schema', 'overlay ppolicy'));
    expect(found.diagnostics.map(({ message }) => message)).toEqual([
      'include "/nowhere/ppolicy.schema": no such file; the overlay\'s own definitions are used',
    ]);
    expect(mayOf(found)).toContain('pwdMaxIdle');
  });
});

describe('the directives of ppolicy', () => {
  it('become settings', () => {
    const lines =
      'overlay ppolicy\nppolicy_default cn=p,o=x\nppolicy_hash_cleartext\nppolicy_use_lockout off\nppolicy_disable_write on';
    const { config } = parse(text('', lines));
    expect(config?.databases[0]?.overlays).toMatchObject([
      { kind: 'ppolicy', hashCleartext: true, useLockout: false, disableWrite: true, sendNetscapeControls: false },
    ]);
  });

  it.each([
    ['ppolicy_check_module /usr/lib/ldap/check_password.so', /modules cannot be loaded; write "ppolicy_check_module builtin"/],
    ['ppolicy_use_lockout maybe', /is on or off/],
    ['ppolicy_default nonsense', /is not a DN/],
    ['ppolicy_forward_updates', /has no effect/],
    ['overlay ppolicy', /given twice/],
  ])('%s', (line, message) => {
    expect(parse(text('', `overlay ppolicy\n${line}`)).diagnostics.map((one) => one.message)).toEqual([
      expect.stringMatching(message),
    ]);
  });
});
