/** Import and export of aliases and lists. */
import { formatsOf } from '../formats.js';

const { number } = formatsOf('en');

export const transfer = {
  tab: 'Import and export',
  export: 'Export',
  exportDomains: 'Export as CSV',
  exportText:
    'CSV for spreadsheets, which the forms here read again. Passwords are not in it. An apostrophe stands before what a spreadsheet ' +
    'would take for a formula; an import removes it.',
  accounts: 'Accounts',
  aliases: 'Aliases',
  addMany: 'Add many aliases',
  form: 'One alias per line: address, destinations, name. Quote several destinations:',
  previewFirst: 'You see a preview before anything is created.',
  file: 'Or a CSV file',
  fileHint: (p: { most: number }) => `Separated by commas, semicolons or tabs; at most ${number(p.most)} lines.`,
  preview: 'Preview',
  canBeAdded: (p: { good: number; all: number }) => `${number(p.good)} of ${number(p.all)} aliases can be added.`,
  skippedBelow: 'The others are skipped for the reasons below.',
  toBeAdded: 'Aliases to be added',
  line: 'Line',
  address: 'Address',
  deliversTo: 'Delivers to',
  result: 'Result',
  willBeAdded: 'will be added',
  add: (p: { count: number }) => (p.count === 1 ? 'Add 1 alias' : `Add ${number(p.count)} aliases`),
  startOver: 'Start over',
  report: 'Report',
  added: (p: { count: number }) => (p.count === 1 ? 'Added 1 alias.' : `Added ${number(p.count)} aliases.`),
  skippedCount: (p: { count: number }) => `Skipped ${number(p.count)}.`,
  skipped: 'Skipped',
  incomplete: 'Added, but not all of it',
  lineOf: (p: { line: number; address: string }) => `Line ${number(p.line)}, ${p.address}`,
  toAliases: 'Go to the aliases',
};
