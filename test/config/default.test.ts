/** Running without a configuration file, and fitting the one that is shipped. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { AccessPolicy } from '../../src/access/policy.js';
import { defaultConfig, defaultConfigText } from '../../src/config/default.js';
import { parseConfig } from '../../src/config/parse.js';
import { account, allowed, entry, environment, levels, subject } from '../access/tree.js';

describe('the default configuration', () => {
  const config = defaultConfig({ cwd: '/srv' });

  it("is the HOWTO's, without a password for its Manager, and nothing to warn of", () => {
    const [database] = config.databases;
    expect(config.file).toBeUndefined();
    expect(config.warnings).toEqual([]);
    expect(database!.suffixes.map(String)).toEqual(['dc=myhosting,dc=example']);
    expect(database!.rootDN?.toString()).toBe('cn=Manager,dc=myhosting,dc=example');
    expect(database!.rootPassword).toBeUndefined();
    expect(database!.directory).toBe('/srv/var/data');
    expect(database!.access).toHaveLength(3);
  });

  it('indexes what Postfix, Courier and Jamm filter on', () => {
    const { indexes } = config.databases[0]!;
    const written = indexes.map(({ description, kinds }) => `${description.text} ${[...kinds].join()}`);
    expect(written).toEqual(['objectClass pres,eq', 'mail eq,sub', 'cn eq,sub', 'jvd eq', 'roleOccupant eq']);
  });

  it('has rules that keep passwords from everybody but owner and postmaster', () => {
    const policy = new AccessPolicy(config.databases[0]!.access, config.schema);
    const userPassword = config.schema.attributeDescription('userPassword')!;
    const about = (who: string | undefined): string =>
      allowed(policy.evaluator(subject(who), environment), entry(account('al', 'a.example')), userPassword);
    expect(about(undefined)).toBe(levels.auth);
    expect(about(account('al', 'a.example'))).toBe(levels.write);
    expect(about(account('ada', 'a.example'))).toBe(levels.write);
    expect(about(account('bob', 'b.example'))).toBe(levels.none);
  });
});

describe('fitted', () => {
  it('to a suffix, a folder and a password', () => {
    const config = defaultConfig({
      suffix: 'DC=mail, dc=Other',
      directory: '/var/my data',
      rootPassword: '{SSHA}a"b\\c',
    });
    const [database] = config.databases;
    expect(database!.suffixes[0]!.normalized).toBe('dc=mail,dc=other');
    expect(database!.rootDN?.normalized).toBe('cn=manager,dc=mail,dc=other');
    expect(database!.directory).toBe('/var/my data');
    expect(database!.rootPassword?.toString()).toBe('{SSHA}a"b\\c');
    expect(database!.access[0]!.what.name).toMatchObject({ kind: 'regex' });
  });

  it('a suffix with characters that mean something in an expression is matched as it is', () => {
    const config = defaultConfig({ suffix: 'o=Hosting (a.b) \\+ Co\\, Ltd' });
    const { name } = config.databases[0]!.access[0]!.what;
    const suffix = config.databases[0]!.suffixes[0]!.normalized;
    const matches = (base: string): boolean => name.kind === 'regex' && name.regex.test(`mail=a@b,jvd=b,o=hosting,${base}`);
    expect(matches(suffix)).toBe(true);
    expect(matches(suffix.replace('a.b', 'axb'))).toBe(false);
  });

  it('its text is a configuration in itself', () => {
    const text = defaultConfigText({ suffix: 'dc=x', rootPassword: '{SSHA}x' });
    const { config, diagnostics } = parseConfig({ file: 'slapd.conf', text });
    expect(diagnostics).toEqual([]);
    expect(config?.databases[0]!.rootPassword?.toString()).toBe('{SSHA}x');
    expect(text).not.toMatch(/^[^#]*myhosting/m);
  });

  it('unchanged, it is the shipped file', () => {
    expect(defaultConfigText()).toBe(readFileSync(new URL('../../data/slapd.conf', import.meta.url), 'utf8'));
  });
});
