/** French: import and export of aliases and lists. */
import type * as source from '../en/transfer.js';
import { formatsOf } from '../formats.js';

const { number } = formatsOf('fr');

export const transfer: typeof source.transfer = {
  tab: 'Import et export',
  export: 'Exporter',
  exportDomains: 'Exporter en CSV',
  exportText:
    'Des fichiers CSV pour tableurs, que les formulaires de cette page relisent. Ils ne contiennent pas de mots de passe. Une apostrophe ' +
    'précède ce qu’un tableur prendrait pour une formule ; l’import l’enlève.',
  accounts: 'Comptes',
  aliases: 'Les alias',
  addMany: 'Ajouter de nombreux alias',
  form: 'Un alias par ligne : adresse, destinations, nom. Mettez plusieurs destinations entre guillemets :',
  previewFirst: 'Vous voyez un aperçu avant toute création.',
  file: 'Ou un fichier CSV',
  fileHint: (p) => `Séparé par des virgules, des points-virgules ou des tabulations ; ${number(p.most)} lignes au plus.`,
  preview: 'Aperçu',
  canBeAdded: (p) => `Alias qui peuvent être ajoutés : ${number(p.good)} sur ${number(p.all)}.`,
  skippedBelow: 'Les autres sont ignorés pour les raisons ci-dessous.',
  toBeAdded: 'Alias à ajouter',
  line: 'Ligne',
  address: 'Adresse',
  deliversTo: 'Distribue à',
  result: 'Résultat',
  willBeAdded: 'sera ajouté',
  add: (p) => (p.count === 1 ? 'Ajouter 1 alias' : `Ajouter ${number(p.count)} alias`),
  startOver: 'Recommencer',
  report: 'Compte rendu',
  added: (p) => (p.count === 1 ? '1 alias ajouté.' : `${number(p.count)} alias ajoutés.`),
  skippedCount: (p) => `Lignes ignorées : ${number(p.count)}.`,
  skipped: 'Ignorés',
  incomplete: 'Ajoutés, mais incomplets',
  lineOf: (p) => `Ligne ${number(p.line)}, ${p.address}`,
  toAliases: 'Aller aux alias',
};
