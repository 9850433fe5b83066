/** What frames every page: navigation, forms, lists, questions, the login, and what answers no page can be given for. */
import { formatsOf } from '../formats.js';

const { number } = formatsOf('en');

export const frame = {
  skip: 'Skip to the content',
  main: 'Main',
  whereYouAre: 'Where you are',
  language: 'Language',
  domains: 'Domains',
  myAccount: 'My account',
  secondFactor: 'Second factor',
  logOut: 'Log out',
  startPage: 'Go to the start page',
};

/** Texts that the script shows. `{label}` and the like are filled in by it. */
export const script = {
  yes: 'Yes',
  cancel: 'Cancel',
  show: 'Show',
  hide: 'Hide',
  showField: 'Show: {label}',
  selectAll: 'Select all on this page',
  selected: '{count} selected',
  copy: 'Copy',
  copied: 'Copied',
  copyFailed: 'The browser does not allow it. Select the text and copy it.',
  download: 'Download',
  tooShort: 'Still too short: {count} more.',
  known: 'Weak: it is among the first that are tried.',
  weak: 'Weak. Add another word.',
  fair: 'Fair. A word more makes it good.',
  good: 'Good.',
  veryGood: 'Very good.',
};

export const form = {
  optional: '(optional)',
  cancel: 'Cancel',
  save: 'Save',
  on: 'On',
  off: 'Off',
  never: 'never',
  newPassword: 'New password',
  repeatPassword: 'Repeat the new password',
  passwordHint: (p: { least: number }) =>
    `At least ${number(p.least)} characters. Four unrelated words are easy to remember and hard to guess.`,
};

export const list = {
  search: 'Search',
  show: 'Show',
  select: 'Select',
  selectOne: (p: { name: string }) => `Select ${p.name}`,
  selected: 'Selected:',
  apply: 'Apply',
  pages: 'Pages',
  previous: 'Previous',
  next: 'Next',
  page: (p: { page: number; pages: number }) => `Page ${number(p.page)} of ${number(p.pages)}`,
  activate: 'activate',
  deactivate: 'deactivate',
  delete: 'delete',
  restore: 'restore',
  purge: 'purge',
  everyStatus: 'All',
  notDeleted: 'All but deleted',
  active: 'Active',
  inactive: 'Inactive',
  deleted: 'Deleted',
  tooMany: (p: { most: number }) => `Select ${number(p.most)} at most.`,
};

export const login = {
  title: 'Log in',
  name: 'Mail address or login name',
  password: 'Password',
  button: 'Log in',
  hint: 'Enter your whole address, for example john@example.com. If you forgot your password, ask your postmaster for a new one.',
  expired: 'That form had expired. Log in again.',
  ended: 'Your session has ended. Log in again.',
  endedKept: 'Your session has ended. Log in again to continue: everything you typed is kept.',
  resumeTitle: 'Continue where you left off',
  resume: 'Your session had ended, so this has not been done yet. Everything you typed is kept.',
  resumeWithoutPasswords:
    'Your session had ended, so this has not been done yet. Everything you typed is kept, except passwords, which are never stored.',
  sendAgain: 'Send again',
  discard: 'Discard',
};

/** Titles and texts of pages that say what could not be done. */
export const failure = {
  notFound: 'Not found',
  noPage: 'There is no such page. The link may be out of date.',
  notAllowed: 'Not allowed',
  notDone: 'Not done',
  unavailable: 'The directory is unavailable',
  wrong: 'Something went wrong',
  wrongText:
    'This is an error in the site, and it has been logged. Go back and try again. If it happens again, tell your site admin.',
  notUnderstood: 'Not understood',
  noLength: 'That form has no Content-Length. Send it with a browser.',
  tooLarge: 'Too large',
  tooLargeText: 'That form is too large. Split it into several.',
  busy: 'Busy',
  busyText: 'Many large forms are being sent just now. Go back and try again in a moment.',
  tooSlow: 'Too slow',
  tooSlowText: 'That form took too long to arrive. Go back and try again.',
  malformed: 'That was not a form. Go back and reload the page.',
  method: 'This site supports only GET and POST.',
  foreign: 'Another site sent that form, so nothing was done.',
  wrongToken: 'That form did not come from this session, so nothing was done. Go back, reload the page and try again.',
};
