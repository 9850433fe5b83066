/** Spanish: accounts and aliases. */
import type * as source from '../en/people.js';
import { formatsOf } from '../formats.js';

const { number, plural, size } = formatsOf('es');

export const person: typeof source.person = {
  account: 'cuenta',
  alias: 'alias',
  name: 'Nombre',
  address: 'Dirección',
  quota: 'Cuota',
  quotaHint: 'Espacio para el correo, por ejemplo 500 MB o 2 GB. Déjelo vacío si no hay límite.',
  noLimit: 'sin límite',
  active: 'Activo',
  activeBadge: 'activo',
  inactiveBadge: 'inactivo',
  deletedBadge: 'eliminado',
  withDomain: 'inactivo con su dominio',
  off: 'desactivado',
  none: 'ninguno',
  lastChange: 'Último cambio',
  setPassword: 'Poner contraseña',
  rename: 'Renombrar',
  newAddress: 'Nueva dirección',
  yourName: 'Su nombre',
  yourPassword: 'Su contraseña',
  currentPassword: 'Contraseña actual',
  changePassword: 'Cambiar la contraseña',
  yourMail: 'Adónde va su correo',
  factorText:
    'Con un segundo factor, estas páginas piden, después de su contraseña, un código de una aplicación de autenticación.',
  nameSaved: 'Su nombre se ha guardado.',
  passwordChanged: 'Su contraseña ha cambiado. Cámbiela también en sus programas de correo.',
};

export const sharing: typeof source.sharing = {
  title: 'Reenvío',
  save: 'Guardar el reenvío',
  mine: 'Reenviar mi correo a',
  its: 'Reenviar su correo a',
  hint: 'Direcciones separadas por comas, puntos y comas o saltos de línea. Déjelo vacío para terminar el reenvío.',
  stays: (p) => `El correo a ${p.address} se queda en su buzón.`,
  goes: (p) => `El correo a ${p.address} va a ${p.to}.`,
  goesWithCopy: (p) => `El correo a ${p.address} va a ${p.to}, y una copia queda en el buzón de aquí.`,
  keepCopy: 'Guardar una copia en el buzón de aquí',
  sendersTitle: 'Quién puede enviar desde esta dirección',
  ownerSends: 'Su titular puede enviar desde ella. Permítalo también a otros:',
  destinationsSend: 'Las cuentas a las que entrega pueden enviar desde ella. Permítalo también a otras:',
  saveSenders: 'Guardar los remitentes',
  removeSenders: 'Seleccione los remitentes que quiere quitar',
  addAccounts: 'Añadir cuentas',
  accountsHint: 'Direcciones de cuentas de este sitio.',
  used: 'Usado',
  maySendFrom: 'También puede enviar desde',
  usage: (p) => `${size(p.bytes)}, ${number(p.messages)} ${plural(p.messages, { one: 'mensaje', other: 'mensajes' })}`,
};

export const destinations: typeof source.destinations = {
  title: 'Entrega a',
  hint: 'Una o varias direcciones separadas por comas, puntos y comas o saltos de línea.',
  remove: 'Seleccione los destinos que quiere quitar',
  add: 'Añadir destinos',
  save: 'Guardar los destinos',
  added: (p) => `Añadidos: ${p.list}.`,
  removed: (p) => `Quitados: ${p.list}.`,
  unchanged: 'No ha cambiado nada: esos destinos ya estaban.',
};

export const appPassword: typeof source.appPassword = {
  title: 'Contraseñas de aplicación',
  intro:
    'Dé a cada programa de correo una contraseña propia. Si pierde un dispositivo, revoque la suya y conserve las demás. ' +
    'Estas contraseñas no abren estas páginas.',
  expired: 'caducada',
  made: 'Creada',
  used: 'último uso',
  expiredOn: 'caducó',
  expires: 'caduca',
  revoke: 'Revocar',
  revokeOne: (p) => `Revocar ${p.label}`,
  revokeQuestion: (p) => `¿Revocar la contraseña de aplicación de ${p.label}? El programa que la usa ya no podrá iniciar sesión.`,
  revoked: (p) => `La contraseña de aplicación de ${p.label} está revocada.`,
  make: 'Crear una contraseña de aplicación',
  label: 'Para qué es',
  labelExample: 'Teléfono',
  days: 'Caduca a los (días)',
  daysHint: 'Déjelo vacío para que no caduque.',
  ownPassword: 'Su contraseña actual',
  madeTitle: 'Su contraseña de aplicación',
  madeFor: (p) => `Contraseña de aplicación para ${p.label}`,
  enterNow: 'Introdúzcala ahora en su programa de correo. No se mostrará de nuevo.',
  userName: 'Nombre de usuario',
  password: 'Contraseña',
  expiry: 'Caduca',
  done: 'Listo',
  revokeAll: 'Revocar también todas las contraseñas de aplicación',
};

export const factor: typeof source.factor = {
  title: 'Segundo factor',
  code: 'Código',
  codeHint: 'Las seis cifras que muestra su aplicación de autenticación, o un código de recuperación.',
  codeNow: 'Las seis cifras que la aplicación muestra ahora.',
  logIn: 'Iniciar sesión',
  lost: 'Si ha perdido ambos, pida a su postmaster o al administrador del sitio que desactive su segundo factor.',
  setUp: 'Configurar un segundo factor',
  required: 'El administrador del sitio le exige un segundo factor. Configúrelo para continuar.',
  switchOn: 'Activar',
  switchOff: 'Desactivar',
  recoveryTitle: 'Sus códigos de recuperación',
  recoveryText:
    'Su segundo factor está activado. Cada uno de estos códigos abre estas páginas una vez sin la aplicación. Imprímalos o ' +
    'apúntelos ahora: no se mostrarán de nuevo.',
  on: 'activado',
  left: (p) =>
    `Estas páginas piden un código después de su contraseña. Códigos de recuperación restantes: ${number(p.count)}. ` +
    'Para obtener otros nuevos, o usar otra aplicación, desactívelo y configúrelo de nuevo.',
  isOff: 'Su segundo factor está desactivado.',
  orKey: 'O añada esta clave a una aplicación de autenticación:',
  openInApp: 'abrirla en una aplicación de este dispositivo',
};

export const tabs: typeof source.tabs = {
  accounts: 'Cuentas',
  aliases: 'Alias',
  catchAll: 'Comodín',
  postmasters: 'Postmasters',
  settings: 'Configuración',
  domain: 'Dominio',
};
