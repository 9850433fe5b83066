/** What the use cases tell people, in English: what commands and the API say, and what the pages' catalogue translates. */
import { serviceTexts } from './service-texts.js';
import { displayBytes } from './sizes.js';

const few = (count: number, one: string, many: string): string =>
  count === 0 ? `no ${many}` : count === 1 ? `one ${one}` : `${count} ${many}`;

export const mailTexts = {
  ...serviceTexts,

  // Logging in
  wrongLogin: 'Login name or password is wrong. Check both and try again.',
  identityUnknown: 'The directory does not tell who you are, so you cannot log in here.',
  appPasswordLogin: 'That is an app password, which is only for mail programs. Log in with your own password.',
  mayNotLogIn: (p: { name: string }) =>
    `${p.name} may not log in here: only site admins, and the accounts and aliases of a domain, may.`,
  accountGone: 'Your account is no longer there. Ask your postmaster.',
  accountDeleted: (p: { address: string }) => `${p.address} is deleted. Ask your postmaster to restore it.`,
  accountInactive: (p: { address: string }) => `${p.address} is deactivated. Ask your postmaster to activate it.`,
  loginDomainInactive: (p: { domain: string }) => `The domain ${p.domain} is deactivated. Ask your site admin.`,
  tokenDomainInactive: (p: { domain: string }) => `The domain ${p.domain} is deactivated.`,
  passwordChanged: 'Your password has been changed. Log in with the new one.',
  wrongCode: 'That code is wrong, or has been used already. Enter the next one that your app shows.',
  tooManyCodes: (p: { minutes: number }) =>
    `Too many wrong codes were entered. Try again in ${p.minutes === 1 ? 'a minute' : `${p.minutes} minutes`}.`,
  factorOn: 'You have a second factor already. Switch that off first.',
  codeRequired: 'Enter the code that your authenticator app shows, or a recovery code.',
  factorUnreadable:
    'The directory does not let you read what you have set up, so no login could ask for it. Ask your site admin.',
  factorOtherKey: 'Your second factor was made with another key than this site has. Ask your site admin.',
  factorByPostmaster: 'Only a postmaster of the domain or the site admin may switch off somebody’s second factor.',
  factorNoEntry: (p: { name: string }) =>
    `${p.name} has no entry in the directory to keep a second factor in. Add the entry first.`,
  factorNoKey: 'You have a second factor, which this site has no key to check. Ask your site admin.',
  factorNotOffered: 'This site has no second factor. Ask your site admin.',

  // The directory
  connectionEnded: 'The connection to the directory has ended. Log in again to continue.',
  noAnswer: (p: { url: string; reason: string }) =>
    `The directory at ${p.url} does not answer (${p.reason}). Try again in a moment.`,
  notAllowed: 'The directory does not allow you to do that. Ask your postmaster or site admin.',
  entryGone: 'That entry does not exist (any longer). Go back and reload the list.',
  entryExists: 'An entry of that name already exists. Choose another name.',
  valueRejected: (p: { reason: string }) => `The directory rejects a value: ${p.reason}`,
  changedMeanwhile: 'Someone else has changed this in the meantime. Reload the page and check.',
  directoryRefuses: (p: { reason: string }) => `The directory refuses (${p.reason}). If it happens again, tell your site admin.`,
  schemaUnknown: 'The directory does not know jammd.schema. Include that file in its configuration, below jamm.schema.',
  schemaMissing:
    'The directory does not have jammd.schema, which this takes. Ask your site admin to include it in the server’s configuration.',
  severalTrees: (p: { bases: string }) => `There are several hosting trees: choose one with --base: ${p.bases}.`,
  noTree: 'The directory has no entry o=hosting directly below a suffix. Name the entry above the domains with --base.',
  noBase: (p: { base: string; reason: string }) =>
    `There is no such base in the directory: ${p.base} (${p.reason}). Name the entry above the domains with --base.`,
  noSuchEntry: 'it has no such entry',

  // Who may do what
  onlySiteAdmin: 'Only the site admin may do that. Ask them to do it for you.',
  onlyPostmaster: (p: { domain: string }) => `Only a postmaster of ${p.domain} may do that. Ask them to do it for you.`,
  mayNotEditAccounts: (p: { domain: string }) =>
    `The site admin does not let the postmasters of ${p.domain} add, rename or delete accounts.`,
  mayNotEditAliases: (p: { domain: string }) =>
    `The site admin does not let the postmasters of ${p.domain} add, change or delete aliases.`,
  mayNotEditPostmasters: (p: { domain: string }) =>
    `The site admin does not let the postmasters of ${p.domain} appoint postmasters.`,
  mayNotEditCatchAlls: (p: { domain: string }) =>
    `The site admin does not let the postmasters of ${p.domain} change the catch-all.`,
  domainsHidden: 'Only postmasters and site admins can see domains.',
  onlyOwnAccount: 'You may change only your own account.',
  onlyOwnForwarding: 'You may change only where your own mail goes.',
  quotaByPostmaster: 'Only a postmaster may change a quota. Ask yours for more space.',
  activeByPostmaster: 'Only a postmaster may activate or deactivate accounts.',
  passwordByPostmaster: 'Only a postmaster of the domain may change other people’s passwords.',
  appPasswordsOfOthers: 'Only its owner, a postmaster of the domain or the site admin may see or change app passwords.',
  siteAdminPassword: 'Site admins change their password in the directory server: the Manager’s is rootpw in its configuration.',
  ownAccountGone: 'Your account is not there any more.',
  appPasswordsOfAccounts: 'Only accounts have app passwords.',
  wouldLockOut: 'This would lock you out. Ask another postmaster to do it.',
  renameSelf: 'You cannot rename your own account. Ask another postmaster to do it.',
  deleteSelf: 'You cannot delete your own account. Ask another postmaster.',
  renameOwnAlias: 'You cannot rename the alias you are logged in as.',
  deleteOwnAlias: 'You cannot delete the alias you are logged in as.',
  dismissSelf: 'You cannot dismiss yourself. Ask another postmaster to do it.',
  addressReserved: (p: { address: string }) =>
    `${p.address} is reserved: every domain must have it. You can change where its mail goes.`,
  postmasterName: 'The postmaster alias keeps its name.',
  formOutOfDate: 'That form is out of date. Go back and reload the page.',
  selectAtMost: (p: { most: number }) => `Select ${p.most} at most.`,

  // Domains
  domainRequired: 'Enter a domain name, for example example.com.',
  domainOnly: (p: { domain: string }) => `Enter only the part after the @: ${p.domain}`,
  domainInvalid: (p: { typed: string }) =>
    `“${p.typed}” is not a domain name. Use letters, digits and hyphens, separated by dots.`,
  domainIncomplete: (p: { typed: string }) => `“${p.typed}” is incomplete: enter the whole name, for example ${p.typed}.example.`,
  domainNumber: (p: { typed: string }) => `“${p.typed}” is a number, not a domain name.`,
  noDomain: (p: { domain: string }) => `There is no domain ${p.domain} here. Check the spelling.`,
  domainExists: (p: { domain: string }) => `${p.domain} already exists.`,
  domainExistsOrDeleted: (p: { domain: string }) =>
    `${p.domain} already exists. If it is among the deleted domains, restore it there.`,
  domainDeleted: 'This domain is deleted. Restore it before you add to it.',
  domainInactive: (p: { domain: string }) => `The domain ${p.domain} is inactive. The site admin must activate it first.`,
  isDeleted: (p: { name: string }) => `${p.name} is deleted. Restore it first.`,
  deleteDomainFirst: (p: { domain: string }) => `Delete ${p.domain} first: only deleted domains can be purged.`,
  purgeOtherNameFirst: (p: { other: string; domain: string }) => `${p.other} is another name of ${p.domain}: purge that first.`,
  anotherName: (p: { domain: string; other: string }) =>
    `${p.domain} is another name of ${p.other} and has no addresses of its own. Go to ${p.other} for that.`,
  hasAddresses: (p: { domain: string }) => `${p.domain} has addresses of its own: it cannot become another name of a domain.`,
  nameOfItself: 'A domain cannot be another name of itself.',
  nameOfName: (p: { domain: string; other: string }) => `${p.domain} is itself another name of ${p.other}: choose that one.`,
  transportInvalid: (p: { typed: string }) =>
    `“${p.typed}” is not a Postfix transport: enter for example virtual: or smtp:[mail.example.com].`,
  limitInvalid: (p: { typed: string }) => `“${p.typed}” is not a number: enter for example 50, or nothing for no limit.`,
  sumInvalid: (p: { typed: string }) => `“${p.typed}” is not a size: enter for example 20 GB.`,
  limitsUnknown: (p: { domain: string }) =>
    `The directory does not show you all of ${p.domain}, so its limits cannot be checked. Ask your site admin.`,
  quotaNeeded: (p: { domain: string; sum: number; left: number }) =>
    `The quotas of ${p.domain} may add up to ${displayBytes(p.sum)}, of which ${displayBytes(p.left)} are left: enter a quota.`,
  quotaTooLarge: (p: { domain: string; sum: number; left: number }) =>
    `The quotas of ${p.domain} may add up to ${displayBytes(p.sum)}, of which ${displayBytes(p.left)} are left: ` +
    'enter a smaller quota, or ask your site admin.',
  accountsFull: (p: { domain: string; most: number }) =>
    `${p.domain} may have ${few(p.most, 'account', 'accounts')}, and no more. Ask your site admin.`,
  aliasesFull: (p: { domain: string; most: number }) =>
    `${p.domain} may have ${few(p.most, 'alias', 'aliases')}, and no more. Ask your site admin.`,

  // Addresses
  otherDomain: (p: { typed: string; domain: string }) => `“${p.typed}” is in another domain: addresses here end in @${p.domain}.`,
  localRequired: 'Enter the part before the @, for example john.',
  localTooLong: (p: { most: number }) => `The part before the @ can have at most ${p.most} characters.`,
  localCharacters: (p: { typed: string }) =>
    `“${p.typed}” has characters that a mail address cannot contain before the @: use a-z, digits and . _ - +`,
  localForbidden: 'The part before the @ cannot contain any of " \\ < > @',
  localDots: 'Dots can stand only between other characters: not first, not last, and not two in a row.',
  localReserved: (p: { local: string }) =>
    `${p.local} is reserved: every domain already has it as an alias. Edit that alias instead.`,
  isFurtherAddress: (p: { address: string; holder: string }) =>
    `${p.holder} has ${p.address} as a further address. Choose another one.`,
  isAlias: (p: { address: string }) => `${p.address} is already an alias. Choose another address, or delete the alias first.`,
  isDeletedAccount: (p: { address: string }) =>
    `${p.address} is a deleted account. Restore it if it is for the same person, or purge it first.`,
  isAccount: (p: { address: string }) => `${p.address} is already an account. Choose another address.`,
  noAddress: (p: { address: string }) => `There is no ${p.address} (any longer). Go back to the list and reload it.`,
  aliasNotAccount: (p: { address: string }) => `${p.address} is an alias, not an account. Look among the aliases.`,
  accountNotAlias: (p: { address: string }) => `${p.address} is an account, not an alias. Look among the accounts.`,
  changedByOther: (p: { address: string }) =>
    `Someone else has changed ${p.address} since you opened this page. What they saved is shown beside your text: ` +
    'save again to replace it.',
  deleteFirst: (p: { address: string }) => `Delete ${p.address} first: only deleted accounts can be purged.`,
  nameTooLong: (p: { most: number }) => `A name can have at most ${p.most} characters.`,
  nameControl: 'A name cannot contain tabs, line breaks or other control characters.',
  quotaInvalid: (p: { typed: string }) =>
    `“${p.typed}” is not a size: enter for example 500 MB or 2 GB, or leave it empty for no limit.`,
  quotaRange: (p: { typed: string }) => `“${p.typed}” is out of range for a quota.`,
  folderOfDeleted: (p: { folder: string }) =>
    `The mail folder ${p.folder} belonged to an account that was deleted, and may still hold its mail. ` +
    'Choose a new folder, or reuse this one if it is for the same person.',
  foldersTaken: (p: { count: number; folder: string }) =>
    `${p.count} mail folders like ${p.folder} are taken. Choose another address.`,

  // Where mail goes, and who sends it
  destinationRequired: 'Enter at least one address to deliver to.',
  destinationsAtMost: (p: { most: number }) => `An alias can have at most ${p.most} destinations.`,
  destinationInvalid: (p: { typed: string; reason: string }) => `Destination “${p.typed}”: ${p.reason}`,
  destinationIncomplete: 'it is not an address: enter the whole of it, with the @.',
  catchAllExists: (p: { domain: string }) => `${p.domain} already has a catch-all. Change that instead.`,
  notDestination: (p: { typed: string; address: string }) => `${p.typed} is not a destination of ${p.address}.`,
  lastDestination: 'At least one destination must remain, or mail to this address would be lost. Add another one first.',
  onlyToItself: 'An alias cannot deliver only to itself: add another destination.',
  forwardIncomplete: (p: { typed: string }) => `“${p.typed}” is not an address: enter the whole of it, with the @.`,
  forwardToItself: (p: { address: string }) =>
    `${p.address} is this account itself. To keep its mail here as well, choose to keep a copy.`,
  forwardsAtMost: (p: { most: number }) => `Mail can be forwarded to at most ${p.most} addresses.`,
  notSender: (p: { typed: string; address: string }) => `${p.typed} is not among the senders of ${p.address}.`,
  sendersAtMost: (p: { most: number }) =>
    `An address can have at most ${p.most} senders. Make it an alias that delivers to them instead.`,
  senderIncomplete: (p: { typed: string }) => `“${p.typed}” is not the address of an account.`,
  senderNoAccount: (p: { typed: string }) => `${p.typed} is not an account here. Only accounts log in to send mail.`,
  toDeletedDomain: (p: { address: string }) => `${p.address} is in a domain that is deleted: mail to it is refused.`,
  toInactiveDomain: (p: { address: string }) => `${p.address} is in a domain that is inactive: mail to it is refused.`,
  toNobody: (p: { address: string }) => `${p.address} does not exist here: mail to it is refused.`,
  toDeleted: (p: { address: string }) => `${p.address} is deleted: mail to it is refused.`,
  toInactive: (p: { address: string }) => `${p.address} is inactive: mail to it is refused.`,
  loop: (p: { address: string; way: string }) => `Mail to ${p.address} goes round in a circle: ${p.way}.`,

  // Passwords
  passwordRequired: 'Enter a new password.',
  passwordTooShort: (p: { least: number }) => `That password is too short: use at least ${p.least} characters.`,
  passwordTooLong: (p: { most: number }) => `That password is too long: use at most ${p.most} bytes.`,
  passwordControl: 'A password cannot contain tabs, line breaks or other control characters.',
  passwordsDiffer: 'The two passwords differ. Enter the same one twice.',
  oldRequired: 'Enter your current password, so that nobody else can change it while you are away.',
  oldRequiredForThis: 'Enter your current password, so that nobody else can do this while you are away.',
  oldWrong: 'The current password is wrong. Try again.',
  oldIsAppPassword: 'That is an app password. Enter the password that you log in here with.',
  appPasswordsLost: 'The new password is set, but the app passwords could not be kept. Make new ones for your mail programs.',
  appPasswordExists: (p: { label: string }) =>
    `There is an app password “${p.label}” already. Choose another name, or revoke that one first.`,
  appPasswordsAtMost: (p: { most: number }) => `${p.most} app passwords are the most an account can have. Revoke one first.`,
  noAppPassword: 'There is no such app password (any longer). Reload the list.',
  daysInvalid: (p: { most: number }) => `Enter a number of days from 1 to ${p.most}, or nothing for no expiry.`,
  labelRequired: 'Enter what the password is for, for example Phone.',
  tokensAtMost: (p: { most: number }) => `${p.most} tokens are the most a domain can have. Revoke one first.`,
  noToken: 'There is no such token (any longer).',
  tokenExpired: 'This token has expired. Make a new one.',
  scopeUnknown: (p: { typed: string; scopes: string }) => `“${p.typed}” is no scope: choose of ${p.scopes}.`,

  // Lists from files, and mail folders
  csvTooLarge: (p: { megabytes: number }) => `That is more than ${p.megabytes} MB. Split it into several files.`,
  csvEmpty: (p: { example: string }) => `It is empty. Enter one per line: ${p.example}.`,
  csvOnlyHeads: 'There are column names, but nothing below them.',
  csvTooMany: (p: { most: number }) => `That is more than ${p.most} lines. Split it into several files.`,
  csvQuote: (p: { line: number }) => `The quotation mark opened in line ${p.line} is never closed.`,
  csvRepeated: (p: { address: string; line: number }) => `${p.address} is already in line ${p.line}.`,
  exportIncomplete: 'The directory does not show you everything, so it cannot be exported. Ask your site admin.',
  csvSkipped: 'This line was skipped.',
  noMailHome: (p: { folder: string }) => `There is no folder ${p.folder}. Name the mail home with --mail-home.`,
  foldersUnknown: 'The directory does not show all accounts, so it cannot be known which folders are in use. Log in as Manager.',
  folderReplaced: (p: { folder: string; moved: string }) =>
    `${p.folder} was replaced while it was being removed. Look at ${p.moved}.`,
};
