/** Accounts and aliases: what their owners and those who administer them see. */
import { formatsOf } from '../formats.js';

const { number, plural, size } = formatsOf('en');

export const person = {
  account: 'account',
  alias: 'alias',
  name: 'Name',
  address: 'Address',
  quota: 'Quota',
  quotaHint: 'Space for mail, for example 500 MB or 2 GB. Leave empty for no limit.',
  noLimit: 'no limit',
  active: 'Active',
  activeBadge: 'active',
  inactiveBadge: 'inactive',
  deletedBadge: 'deleted',
  withDomain: 'inactive with its domain',
  off: 'off',
  none: 'none',
  lastChange: 'Last change',
  setPassword: 'Set password',
  rename: 'Rename',
  newAddress: 'New address',
  yourName: 'Your name',
  yourPassword: 'Your password',
  currentPassword: 'Current password',
  changePassword: 'Change password',
  yourMail: 'Where your mail goes',
  factorText: 'With a second factor, these pages ask for a code of an authenticator app after your password.',
  nameSaved: 'Your name is saved.',
  passwordChanged: 'Your password is changed. Change it in your mail programs too.',
};

export const sharing = {
  title: 'Forwarding',
  save: 'Save forwarding',
  mine: 'Send my mail on to',
  its: 'Send its mail on to',
  hint: 'Addresses, separated by commas, semicolons or new lines. Leave empty to end it.',
  stays: (p: { address: string }) => `Mail to ${p.address} stays in its mailbox.`,
  goes: (p: { address: string; to: string }) => `Mail to ${p.address} goes to ${p.to}.`,
  goesWithCopy: (p: { address: string; to: string }) => `Mail to ${p.address} goes to ${p.to}, and a copy to the mailbox here.`,
  keepCopy: 'Keep a copy in the mailbox here',
  sendersTitle: 'Who may send from this address',
  ownerSends: 'Its owner may send from it. Let others do it as well:',
  destinationsSend: 'Accounts that it delivers to may send from it. Let others do it as well:',
  saveSenders: 'Save senders',
  removeSenders: 'Select senders to remove',
  addAccounts: 'Add accounts',
  accountsHint: 'Addresses of accounts of this site.',
  used: 'Used',
  maySendFrom: 'May also send from',
  usage: (p: { bytes: number; messages: number }) =>
    `${size(p.bytes)}, ${number(p.messages)} ${plural(p.messages, { one: 'message', other: 'messages' })}`,
};

export const destinations = {
  title: 'Delivers to',
  hint: 'One or more addresses, separated by commas, semicolons or new lines.',
  remove: 'Select destinations to remove',
  add: 'Add destinations',
  save: 'Save destinations',
  added: (p: { list: string }) => `Added ${p.list}.`,
  removed: (p: { list: string }) => `Removed ${p.list}.`,
  unchanged: 'Nothing changed: those destinations are already there.',
};

export const appPassword = {
  title: 'App passwords',
  intro:
    'Give each mail program a password of its own. If you lose a device, revoke its password and keep the others. ' +
    'App passwords do not open these pages.',
  expired: 'expired',
  made: 'Made',
  used: 'last used',
  expiredOn: 'expired',
  expires: 'expires',
  revoke: 'Revoke',
  revokeOne: (p: { label: string }) => `Revoke ${p.label}`,
  revokeQuestion: (p: { label: string }) =>
    `Revoke the app password for ${p.label}? The program that uses it can no longer log in.`,
  revoked: (p: { label: string }) => `The app password for ${p.label} is revoked.`,
  make: 'Make an app password',
  label: 'What it is for',
  labelExample: 'Phone',
  days: 'Expires after days',
  daysHint: 'Leave empty for no expiry.',
  ownPassword: 'Your current password',
  madeTitle: 'Your app password',
  madeFor: (p: { label: string }) => `App password for ${p.label}`,
  enterNow: 'Enter it in your mail program now. It is not shown again.',
  userName: 'User name',
  password: 'Password',
  expiry: 'Expires',
  done: 'Done',
  revokeAll: 'Revoke all app passwords, too',
};

export const factor = {
  title: 'Second factor',
  code: 'Code',
  codeHint: 'The six digits that your authenticator app shows, or a recovery code.',
  codeNow: 'The six digits that the app shows now.',
  logIn: 'Log in',
  lost: 'If you have lost both, ask your postmaster or site admin to switch your second factor off.',
  setUp: 'Set up a second factor',
  required: 'The site admin requires a second factor of you. Set it up to continue.',
  switchOn: 'Switch on',
  switchOff: 'Switch off',
  recoveryTitle: 'Your recovery codes',
  recoveryText:
    'Your second factor is on. Each of these codes opens these pages once without the app. Print them or write them down now: ' +
    'they are not shown again.',
  on: 'on',
  left: (p: { count: number }) =>
    `These pages ask for a code after your password. Recovery codes left: ${number(p.count)}. For new ones, or another app, ` +
    'switch it off and set it up again.',
  isOff: 'Your second factor is off.',
  orKey: 'Or add this key to an authenticator app:',
  openInApp: 'open it in an app on this device',
};

export const tabs = {
  accounts: 'Accounts',
  aliases: 'Aliases',
  catchAll: 'Catch-all',
  postmasters: 'Postmasters',
  settings: 'Settings',
  domain: 'Domain',
};
