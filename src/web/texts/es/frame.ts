/** Spanish: what frames every page. */
import type * as source from '../en/frame.js';
import { formatsOf } from '../formats.js';

const { number } = formatsOf('es');

export const frame: typeof source.frame = {
  skip: 'Ir al contenido',
  main: 'Menú principal',
  whereYouAre: 'Usted está aquí',
  language: 'Idioma',
  domains: 'Dominios',
  myAccount: 'Mi cuenta',
  secondFactor: 'Segundo factor',
  logOut: 'Cerrar sesión',
  startPage: 'Ir a la página de inicio',
};

export const script: typeof source.script = {
  yes: 'Sí',
  cancel: 'Cancelar',
  show: 'Mostrar',
  hide: 'Ocultar',
  showField: 'Mostrar: {label}',
  selectAll: 'Seleccionar todo en esta página',
  selected: '{count} seleccionados',
  copy: 'Copiar',
  copied: 'Copiado',
  copyFailed: 'El navegador no lo permite. Seleccione el texto y cópielo.',
  download: 'Descargar',
  tooShort: 'Aún es demasiado corta: faltan {count} caracteres.',
  known: 'Débil: es de las primeras que se prueban.',
  weak: 'Débil. Añada otra palabra.',
  fair: 'Regular. Una palabra más la hará buena.',
  good: 'Buena.',
  veryGood: 'Muy buena.',
};

export const form: typeof source.form = {
  optional: '(opcional)',
  cancel: 'Cancelar',
  save: 'Guardar',
  on: 'Sí',
  off: 'No',
  never: 'nunca',
  newPassword: 'Nueva contraseña',
  repeatPassword: 'Repita la nueva contraseña',
  passwordHint: (p) =>
    `Al menos ${number(p.least)} caracteres. Cuatro palabras sin relación son fáciles de recordar y difíciles de adivinar.`,
};

export const list: typeof source.list = {
  search: 'Buscar',
  show: 'Mostrar',
  select: 'Seleccionar',
  selectOne: (p) => `Seleccionar ${p.name}`,
  selected: 'Selección:',
  apply: 'Aplicar',
  pages: 'Páginas',
  previous: 'Anterior',
  next: 'Siguiente',
  page: (p) => `Página ${number(p.page)} de ${number(p.pages)}`,
  activate: 'activar',
  deactivate: 'desactivar',
  delete: 'eliminar',
  restore: 'restaurar',
  purge: 'eliminar definitivamente',
  everyStatus: 'Todos',
  notDeleted: 'Todos menos los eliminados',
  active: 'Activos',
  inactive: 'Inactivos',
  deleted: 'Eliminados',
  tooMany: (p) => `Seleccione ${number(p.most)} como máximo.`,
};

export const login: typeof source.login = {
  title: 'Iniciar sesión',
  name: 'Dirección de correo o nombre de usuario',
  password: 'Contraseña',
  button: 'Iniciar sesión',
  hint:
    'Escriba su dirección completa, por ejemplo john@example.com. ' +
    'Si ha olvidado su contraseña, pida una nueva a su postmaster.',
  expired: 'El formulario había caducado. Inicie sesión de nuevo.',
  ended: 'Su sesión ha terminado. Inicie sesión de nuevo.',
  endedKept: 'Su sesión ha terminado. Inicie sesión de nuevo para continuar: se conserva todo lo que escribió.',
  resumeTitle: 'Continúe donde lo dejó',
  resume: 'Su sesión había terminado, por lo que esto aún no se ha hecho. Se conserva todo lo que escribió.',
  resumeWithoutPasswords:
    'Su sesión había terminado, por lo que esto aún no se ha hecho. Se conserva todo lo que escribió, ' +
    'salvo las contraseñas, que nunca se guardan.',
  sendAgain: 'Enviar de nuevo',
  discard: 'Descartar',
};

export const failure: typeof source.failure = {
  notFound: 'No encontrado',
  noPage: 'Esta página no existe. Quizá el enlace ya no sea válido.',
  notAllowed: 'No permitido',
  notDone: 'No realizado',
  unavailable: 'El directorio no está disponible',
  wrong: 'Se ha producido un error',
  wrongText:
    'Es un error de este sitio y ha quedado registrado. Vuelva atrás e inténtelo de nuevo. ' +
    'Si vuelve a ocurrir, avise al administrador del sitio.',
  notUnderstood: 'No se ha entendido',
  noLength: 'Este formulario no tiene Content-Length. Envíelo con un navegador.',
  tooLarge: 'Demasiado grande',
  tooLargeText: 'Este formulario es demasiado grande. Divídalo en varios.',
  busy: 'Ocupado',
  busyText: 'Se están enviando muchos formularios grandes. Vuelva atrás e inténtelo de nuevo dentro de un momento.',
  tooSlow: 'Demasiado lento',
  tooSlowText: 'El formulario ha tardado demasiado en llegar. Vuelva atrás e inténtelo de nuevo.',
  malformed: 'Eso no era un formulario. Vuelva atrás y recargue la página.',
  method: 'Este sitio solo admite GET y POST.',
  foreign: 'Otro sitio envió ese formulario, por lo que no se ha hecho nada.',
  wrongToken:
    'Ese formulario no procede de esta sesión, por lo que no se ha hecho nada. ' +
    'Vuelva atrás, recargue la página e inténtelo de nuevo.',
};
