/** A directory in memory with the hosting tree, opened as a program opens it. */
import { openDirectory, type Directory, type OpenOptions } from '../../src/index.js';
import { LdapError } from '../../src/index.js';
import { wholeTreeLdif } from '../support/hosting-tree.js';

export const suffix = 'dc=myhosting,dc=example';
export const hosting = `o=hosting,${suffix}`;
export const one = `jvd=one.example,${hosting}`;
export const manager = `cn=Manager,${suffix}`;

/** Passwords and names are those of test/support/hosting-tree.ts. */
export async function openHosting(options: OpenOptions = { memory: true, rootPassword: 'secret' }): Promise<Directory> {
  const directory = await openDirectory(options);
  await directory.importLdif(wholeTreeLdif);
  return directory;
}

export function account(mail: string): Record<string, string | string[]> {
  return {
    objectClass: ['top', 'JammMailAccount'],
    homeDirectory: '/home/vmail/domains',
    mailbox: `one.example/${mail}/`,
    accountActive: 'TRUE',
    lastChange: '0',
    delete: 'FALSE',
  };
}

/** The LdapError that a call fails with. */
export async function failureOf(call: () => unknown): Promise<LdapError> {
  try {
    await call();
  } catch (error) {
    if (error instanceof LdapError) return error;
    throw error;
  }
  throw new Error('the call did not fail');
}
