/** Spanish: API tokens. */
import type * as source from '../en/tokens.js';

export const tokens: typeof source.tokens = {
  tab: 'Tokens de API',
  title: (p) => `Tokens de API de ${p.domain}`,
  intro: 'Con un token, un programa usa la API para este dominio. Dé a cada programa el suyo para poder revocarlo por separado.',
  none: 'Todavía no hay tokens.',
  expired: 'caducado',
  scopes: (p) => `Puede: ${p.list}.`,
  made: 'Creado',
  used: 'Último uso',
  expires: 'Caduca',
  revoke: 'Revocar',
  revokeOne: (p) => `Revocar ${p.label}`,
  revokeQuestion: (p) => `¿Revocar el token para ${p.label}? El programa que lo usa ya no podrá usar la API.`,
  revoked: 'El token está revocado.',
  new: 'Crear un token',
  label: 'Para qué sirve',
  labelExample: 'Formulario de registro',
  mayDo: 'Qué puede hacer',
  alwaysReads: 'Siempre puede leer el dominio, sus cuentas, sus alias y sus postmasters.',
  warning:
    'Un token que puede cambiar algo tiene los derechos de un postmaster en el propio directorio. Guárdelo como una contraseña.',
  days: 'Caduca al cabo de (días)',
  daysHint: 'Déjelo vacío para que no caduque.',
  ownPassword: 'Su contraseña actual',
  make: 'Crear el token',
  madeTitle: (p) => `Token para ${p.label}`,
  madeText: 'Déselo ahora a su programa. No se volverá a mostrar.',
  token: 'El token',
  how: 'Envíelo con cada petición:',
  api: 'Qué permite la API',
  done: 'Listo',
};

export const tokenScopes: typeof source.tokenScopes = {
  read: 'leer',
  accounts: 'añadir, cambiar, renombrar, eliminar y restaurar cuentas',
  aliases: 'añadir, cambiar y eliminar alias, y fijar el catch-all',
  passwords: 'establecer contraseñas, crear y revocar contraseñas de aplicación',
  postmasters: 'nombrar y destituir postmasters',
};
