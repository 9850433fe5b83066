import { describe, expect, it } from 'vitest';
import { EndpointError, formatEndpoint, isLoopback, parseEndpoint } from '../../src/observe/endpoint.js';

describe('an endpoint', () => {
  it.each([
    ['127.0.0.1:9646', { host: '127.0.0.1', port: 9_646 }, '127.0.0.1:9646'],
    ['[::1]:0', { host: '::1', port: 0 }, '[::1]:0'],
    ['[fe80::1%eth0]:80', { host: 'fe80::1%eth0', port: 80 }, '[fe80::1%eth0]:80'],
    ['localhost:65535', { host: 'localhost', port: 65_535 }, 'localhost:65535'],
    [':9646', { host: '', port: 9_646 }, '0.0.0.0:9646'],
  ])('%s', (text, endpoint, shown) => {
    expect(parseEndpoint(text)).toEqual(endpoint);
    expect(formatEndpoint(endpoint)).toBe(shown);
  });

  it.each([
    '',
    '9646',
    '127.0.0.1',
    '127.0.0.1:',
    '::1:9646',
    '[127.0.0.1]:9646',
    'a b:1',
    'host:65536',
    'http://host:1',
    '[::1]',
  ])('is not %j', (text) => {
    expect(() => parseEndpoint(text)).toThrow(EndpointError);
  });

  it('is on loopback or not', () => {
    for (const address of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1']) expect(isLoopback(address)).toBe(true);
    for (const address of ['', '::', '0.0.0.0', '192.0.2.1', '::ffff:192.0.2.1']) expect(isLoopback(address)).toBe(false);
  });
});
