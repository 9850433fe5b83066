/** Spanish: the pages of mail programs, welcome mails and DNS. */
import type * as source from '../en/services.js';

export const mailPrograms: typeof source.mailPrograms = {
  title: 'Programas de correo',
  userName: 'Nombre de usuario',
  incoming: (p) => `Correo entrante (${p.protocol})`,
  outgoing: (p) => `Correo saliente (${p.protocol})`,
  port: (p) => `puerto ${p.port}`,
  noEncryption: 'sin cifrado',
  hint: 'Thunderbird y Outlook encuentran estos datos por sí solos. En iPhone, iPad y Mac, abra el perfil.',
  profile: 'Perfil para dispositivos Apple',
};

export const welcomeMail: typeof source.welcomeMail = {
  title: 'Mensaje de bienvenida',
  tick: 'Enviar un mensaje de bienvenida',
  tickHint: 'Crea la carpeta de correo, como todo primer mensaje, y explica cómo configurar los programas de correo.',
  text: 'El primer mensaje crea la carpeta de correo. El de bienvenida explica además cómo configurar los programas de correo.',
  button: 'Enviar el mensaje de bienvenida',
  onItsWay: (p) => `Un mensaje de bienvenida está en camino a ${p.address}.`,
  notSent: (p) => `La cuenta está creada, pero el mensaje de bienvenida no se envió. ${p.reason}`,
};

export const dnsPage: typeof source.dnsPage = {
  tab: 'DNS',
  title: (p) => `DNS de ${p.domain}`,
  intro: 'Lo que dice el DNS sobre el correo de este dominio, tal como lo ve este servidor ahora mismo.',
  selector: 'Selector DKIM',
  selectorHint: 'El nombre de la clave con la que firma su servidor de correo, por ejemplo mail.',
  lookUp: 'Consultar',
  found: 'Encontrado',
  nothing: 'nada',
  putIn: 'Añadir',
  mx: 'Correo entrante (MX)',
  spf: 'Quién puede enviar (SPF)',
  dkim: 'Firmas (DKIM)',
  dmarc: 'Lo que no supera ninguno (DMARC)',
  autoconfig: 'Configuración para Thunderbird',
  autodiscover: 'Configuración para Outlook',
  service: 'Servidores de los programas de correo (SRV)',
  good: 'bien',
  advice: 'mejorable',
  missing: 'falta',
  wrong: 'mal',
  unknown: 'desconocido',
};
