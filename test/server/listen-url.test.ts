import { describe, expect, it } from 'vitest';
import { formatListenUrl, ListenUrlError, parseListenUrl, parseListenUrls } from '../../src/server/listen-url.js';

describe('listener URLs', () => {
  it.each([
    ['ldap:///', { scheme: 'ldap', host: '', port: 389 }],
    ['ldaps:///', { scheme: 'ldaps', host: '', port: 636 }],
    ['ldap://', { scheme: 'ldap', host: '', port: 389 }],
    ['LDAP://Host.Example:3890', { scheme: 'ldap', host: 'Host.Example', port: 3890 }],
    ['ldap://127.0.0.1:0/', { scheme: 'ldap', host: '127.0.0.1', port: 0 }],
    ['ldap://:3890/', { scheme: 'ldap', host: '', port: 3890 }],
    ['ldap://*:3890', { scheme: 'ldap', host: '', port: 3890 }],
    ['ldaps://*/', { scheme: 'ldaps', host: '', port: 636 }],
    ['ldaps://[::1]:6360/', { scheme: 'ldaps', host: '::1', port: 6360 }],
    ['pldap://127.0.0.1:3890/', { scheme: 'pldap', host: '127.0.0.1', port: 3890 }],
    ['pldap:///', { scheme: 'pldap', host: '', port: 389 }],
    ['PLDAPS:///', { scheme: 'pldaps', host: '', port: 636 }],
    ['ldapi:///', { scheme: 'ldapi', path: '/var/run/slapd/ldapi', mode: 0o777 }],
    ['ldapi://%2Frun%2Fa%20b%2Fldapi', { scheme: 'ldapi', path: '/run/a b/ldapi', mode: 0o777 }],
    ['ldapi://%2Ftmp%2Fl/????x-mod=-rwxrwx---', { scheme: 'ldapi', path: '/tmp/l', mode: 0o770 }],
    ['ldapi://%2Ftmp%2Fl/????!x-mod=0600', { scheme: 'ldapi', path: '/tmp/l', mode: 0o600 }],
    ['ldapi://%2Ftmp%2Fl????x-mod=666', { scheme: 'ldapi', path: '/tmp/l', mode: 0o666 }],
  ])('%s', (text, url) => {
    expect(parseListenUrl(text)).toEqual(url);
  });

  it('come in a list', () => {
    expect(parseListenUrls(' ldap:///  ldapi:/// ').map(({ scheme }) => scheme)).toEqual(['ldap', 'ldapi']);
  });

  it.each([
    '',
    'http://host/',
    'ldap:/host',
    'pldapi://%2Frun%2Fldapi',
    'pldap://host/dc=example',
    'ldap://host:99999/',
    'ldap://host/dc=example',
    'ldap://ho%zzst/',
    'ldapi:///run/ldapi',
    'ldapi://%2Ftmp%2Fl????x-mod=rwx',
    `ldapi://%2Ftmp%2F${'x'.repeat(103)}`,
  ])('refuse "%s"', (text) => {
    expect(() => parseListenUrls(text)).toThrow(ListenUrlError);
  });

  it.each(['ldap:///', 'ldap://host:3890/', 'ldaps://[::1]/', 'pldap:///', 'pldaps://host:1636/', 'ldapi://%2Frun%2Fldapi/'])(
    '%s is written as it was',
    (text) => {
      expect(formatListenUrl(parseListenUrl(text))).toBe(text);
    },
  );
});
