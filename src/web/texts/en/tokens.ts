/** API tokens. */

export const tokens = {
  tab: 'API tokens',
  title: (p: { domain: string }) => `API tokens of ${p.domain}`,
  intro: 'A token lets a program use the API for this domain. Give each program its own, so that you can revoke it alone.',
  none: 'There are no tokens yet.',
  expired: 'expired',
  scopes: (p: { list: string }) => `May: ${p.list}.`,
  made: 'Made',
  used: 'Last used',
  expires: 'Expires',
  revoke: 'Revoke',
  revokeOne: (p: { label: string }) => `Revoke ${p.label}`,
  revokeQuestion: (p: { label: string }) =>
    `Revoke the token for ${p.label}? The program that uses it can no longer use the API.`,
  revoked: 'The token is revoked.',
  new: 'Make a token',
  label: 'What it is for',
  labelExample: 'Sign-up form',
  mayDo: 'What it may do',
  alwaysReads: 'It may always read the domain, its accounts, aliases and postmasters.',
  warning: 'A token that may change something has a postmaster’s rights in the directory itself. Keep it like a password.',
  days: 'Expires after days',
  daysHint: 'Leave empty for no expiry.',
  ownPassword: 'Your current password',
  make: 'Make the token',
  madeTitle: (p: { label: string }) => `Token for ${p.label}`,
  madeText: 'Give it to your program now. It is not shown again.',
  token: 'Token',
  how: 'Send it with each request:',
  api: 'What the API can do',
  done: 'Done',
};

export const tokenScopes = {
  read: 'read',
  accounts: 'add, change, rename, delete and restore accounts',
  aliases: 'add, change and delete aliases, and set the catch-all',
  passwords: 'set passwords, make and revoke app passwords',
  postmasters: 'appoint and dismiss postmasters',
};
