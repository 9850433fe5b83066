/** Spanish: import and export of aliases and lists. */
import type * as source from '../en/transfer.js';
import { formatsOf } from '../formats.js';

const { number } = formatsOf('es');

export const transfer: typeof source.transfer = {
  tab: 'Importar y exportar',
  export: 'Exportar',
  exportDomains: 'Exportar como CSV',
  exportText:
    'CSV para hojas de cálculo, que los formularios de esta página vuelven a leer. No contiene contraseñas. Delante de lo que una hoja ' +
    'de cálculo tomaría por una fórmula hay un apóstrofo; la importación lo quita.',
  accounts: 'Cuentas',
  aliases: 'Los alias',
  addMany: 'Añadir muchos alias',
  form: 'Un alias por línea: dirección, destinos, nombre. Ponga varios destinos entre comillas:',
  previewFirst: 'Verá una vista previa antes de que se cree nada.',
  file: 'O un archivo CSV',
  fileHint: (p) => `Separado por comas, puntos y comas o tabuladores; como máximo ${number(p.most)} líneas.`,
  preview: 'Vista previa',
  canBeAdded: (p) => `Se pueden añadir ${number(p.good)} de ${number(p.all)} alias.`,
  skippedBelow: 'Los demás se omiten por los motivos indicados abajo.',
  toBeAdded: 'Alias que se añadirán',
  line: 'Línea',
  address: 'Dirección',
  deliversTo: 'Entrega a',
  result: 'Resultado',
  willBeAdded: 'se añadirá',
  add: (p) => (p.count === 1 ? 'Añadir 1 alias' : `Añadir ${number(p.count)} alias`),
  startOver: 'Empezar de nuevo',
  report: 'Informe',
  added: (p) => (p.count === 1 ? 'Se ha añadido 1 alias.' : `Se han añadido ${number(p.count)} alias.`),
  skippedCount: (p) => `Omitidos: ${number(p.count)}.`,
  skipped: 'Omitidos',
  incomplete: 'Añadidos, pero no del todo',
  lineOf: (p) => `Línea ${number(p.line)}, ${p.address}`,
  toAliases: 'Ir a los alias',
};
