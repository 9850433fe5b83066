/** German: import and export of aliases and lists. */
import type * as source from '../en/transfer.js';
import { formatsOf } from '../formats.js';

const { number } = formatsOf('de');

export const transfer: typeof source.transfer = {
  tab: 'Import und Export',
  export: 'Exportieren',
  exportDomains: 'Als CSV exportieren',
  exportText:
    'CSV für Tabellenkalkulationen, das die Formulare hier wieder lesen. Passwörter sind nicht darin. Was eine Tabellenkalkulation für ' +
    'eine Formel hielte, bekommt einen Apostroph davor, den der Import wieder entfernt.',
  accounts: 'Konten',
  aliases: 'Aliasse',
  addMany: 'Viele Aliasse hinzufügen',
  form: 'Ein Alias pro Zeile: Adresse, Ziele, Name. Mehrere Ziele stehen in Anführungszeichen:',
  previewFirst: 'Bevor etwas angelegt wird, sehen Sie eine Vorschau.',
  file: 'Oder eine CSV-Datei',
  fileHint: (p) => `Getrennt durch Kommas, Semikolons oder Tabulatoren; höchstens ${number(p.most)} Zeilen.`,
  preview: 'Vorschau',
  canBeAdded: (p) => `${number(p.good)} von ${number(p.all)} Aliassen können hinzugefügt werden.`,
  skippedBelow: 'Die übrigen werden aus den unten genannten Gründen übersprungen.',
  toBeAdded: 'Aliasse, die hinzugefügt werden',
  line: 'Zeile',
  address: 'Adresse',
  deliversTo: 'Leitet weiter an',
  result: 'Ergebnis',
  willBeAdded: 'wird hinzugefügt',
  add: (p) => (p.count === 1 ? '1 Alias hinzufügen' : `${number(p.count)} Aliasse hinzufügen`),
  startOver: 'Von vorn beginnen',
  report: 'Bericht',
  added: (p) => (p.count === 1 ? '1 Alias hinzugefügt.' : `${number(p.count)} Aliasse hinzugefügt.`),
  skippedCount: (p) => `${number(p.count)} übersprungen.`,
  skipped: 'Übersprungen',
  incomplete: 'Hinzugefügt, aber nicht vollständig',
  lineOf: (p) => `Zeile ${number(p.line)}, ${p.address}`,
  toAliases: 'Zu den Aliassen',
};
