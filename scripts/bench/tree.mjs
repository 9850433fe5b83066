/** The generated hosting tree: domains of a hundred accounts, each domain with its postmaster, abuse and two aliases. */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';

export const suffix = 'dc=myhosting,dc=example';
export const hosting = `o=hosting,${suffix}`;
export const manager = { dn: `cn=Manager,${suffix}`, password: 'secret' };
export const accountsPerDomain = 100;
const entriesPerDomain = accountsPerDomain + 5;

/** Accounts of the first domain have slow hashes of this, for the row about repeated logins. */
export const slowPassword = 'slow secret';
/** bcrypt, cost 10, of `slowPassword`, in the spelling that crypt(3) and so slapd verifies too. */
const slowHash = '{CRYPT}';

export const domainName = (domain) => `d${domain}.example`;
export const domainDn = (domain) => `jvd=${domainName(domain)},${hosting}`;
export const address = (domain, account) => `u${account}@${domainName(domain)}`;
export const accountDn = (domain, account) => `mail=${address(domain, account)},${domainDn(domain)}`;
export const password = (domain, account) => `pw-${domain}-${account}`;

export function entryCount(accounts) {
  return (accounts / accountsPerDomain) * entriesPerDomain + 3;
}

function ssha(text, salt) {
  const digest = createHash('sha1').update(text).update(salt).digest();
  return `{SSHA}${Buffer.concat([digest, salt]).toString('base64')}`;
}

const base = `dn: ${suffix}
objectClass: top
objectClass: domain
dc: myhosting

dn: ${manager.dn}
objectClass: top
objectClass: organizationalRole
cn: Manager

dn: ${hosting}
objectClass: top
objectClass: organization
o: hosting

`;

export function accountAttributes(domain, account, hash) {
  return [
    ['objectClass', 'top', 'JammMailAccount'],
    ['mail', address(domain, account)],
    ['homeDirectory', '/home/vmail/domains'],
    ['mailbox', `${domainName(domain)}/u${account}/`],
    ['accountActive', 'TRUE'],
    ['lastChange', '1020000000'],
    ['delete', 'FALSE'],
    ['userPassword', hash],
  ];
}

function domainLdif(domain, bcryptHash) {
  const dn = domainDn(domain);
  const name = domainName(domain);
  const records = [
    [
      `dn: ${dn}`,
      'objectClass: top',
      'objectClass: JammVirtualDomain',
      `jvd: ${name}`,
      'postfixTransport: virtual:',
      'accountActive: TRUE',
      'lastChange: 1020000000',
      'delete: FALSE',
      'editAccounts: TRUE',
      'editPostmasters: TRUE',
      '',
    ].join('\n'),
    [
      `dn: cn=postmaster,${dn}`,
      'objectClass: top',
      'objectClass: JammMailAlias',
      'objectClass: JammPostmaster',
      'cn: postmaster',
      `mail: postmaster@${name}`,
      `maildrop: ${address(domain, 0)}`,
      'accountActive: TRUE',
      'lastChange: 1020000000',
      `roleOccupant: cn=postmaster,${dn}`,
      `roleOccupant: ${accountDn(domain, 0)}`,
      '',
    ].join('\n'),
    ...['abuse', 'info', 'sales'].map((local, index) =>
      [
        `dn: mail=${local}@${name},${dn}`,
        'objectClass: top',
        'objectClass: JammMailAlias',
        `mail: ${local}@${name}`,
        `maildrop: ${address(domain, index)}`,
        `maildrop: ${address(domain, index + 1)}`,
        'accountActive: TRUE',
        'lastChange: 1020000000',
        '',
      ].join('\n'),
    ),
  ];
  const salt = Buffer.alloc(4);
  for (let account = 0; account < accountsPerDomain; account++) {
    salt.writeUInt32BE(domain * accountsPerDomain + account);
    const hash = domain === 0 ? slowHash + bcryptHash : ssha(password(domain, account), salt);
    const lines = accountAttributes(domain, account, hash).flatMap(([type, ...values]) =>
      values.map((value) => `${type}: ${value}\n`),
    );
    records.push(`dn: ${accountDn(domain, account)}\n${lines.join('')}`);
  }
  return `${records.join('\n')}\n`;
}

/** Writes the tree as LDIF; `accounts` is a multiple of accountsPerDomain. */
export async function writeTree(file, accounts) {
  const { hashSync } = await import('bcryptjs');
  const bcryptHash = hashSync(slowPassword, 10).replace('$2a$', '$2b$');
  const stream = createWriteStream(file);
  stream.write(base);
  for (let domain = 0; domain < accounts / accountsPerDomain; domain++) {
    if (!stream.write(domainLdif(domain, bcryptHash))) await once(stream, 'drain');
  }
  stream.end();
  await once(stream, 'finish');
}
