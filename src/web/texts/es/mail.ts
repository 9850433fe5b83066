/** Spanish: what the use cases tell people. */
import type { MailTexts } from '../../../mail/told.js';
import { formatsOf } from '../formats.js';
import { services } from './mail-services.js';

const { number, size } = formatsOf('es');

export const mail: MailTexts = {
  ...services,

  wrongLogin: 'El nombre de usuario o la contraseña no son correctos. Compruébelos e inténtelo de nuevo.',
  identityUnknown: 'El directorio no indica quién es usted, por lo que no puede iniciar sesión aquí.',
  appPasswordLogin:
    'Es una contraseña de aplicación, que solo sirve para programas de correo. Inicie sesión con su propia contraseña.',
  mayNotLogIn: (p) =>
    `${p.name} no puede iniciar sesión aquí: solo pueden los administradores del sitio y las cuentas y alias de un dominio.`,
  accountGone: 'Su cuenta ya no existe. Consulte a su postmaster.',
  accountDeleted: (p) => `${p.address} está eliminada. Pida a su postmaster que la restaure.`,
  accountInactive: (p) => `${p.address} está desactivada. Pida a su postmaster que la active.`,
  loginDomainInactive: (p) => `El dominio ${p.domain} está desactivado. Consulte al administrador del sitio.`,
  tokenDomainInactive: (p) => `El dominio ${p.domain} está desactivado.`,
  passwordChanged: 'Su contraseña ha cambiado. Inicie sesión con la nueva.',
  wrongCode: 'Ese código no es correcto o ya se ha usado. Introduzca el siguiente que muestre su aplicación.',
  tooManyCodes: (p) =>
    'Se han introducido demasiados códigos incorrectos. Inténtelo de nuevo en ' +
    `${p.minutes === 1 ? 'un minuto' : `${number(p.minutes)} minutos`}.`,
  factorOn: 'Ya tiene un segundo factor. Desactívelo primero.',
  codeRequired: 'Introduzca el código que muestra su aplicación de autenticación, o un código de recuperación.',
  factorUnreadable:
    'El directorio no le permite leer lo que ha configurado, por lo que ningún inicio de sesión podría pedirlo. ' +
    'Consulte al administrador del sitio.',
  factorOtherKey: 'Su segundo factor se creó con una clave distinta de la de este sitio. Consulte al administrador del sitio.',
  factorByPostmaster:
    'Solo un postmaster del dominio o el administrador del sitio puede desactivar el segundo factor de otra persona.',
  factorNoEntry: (p) => `${p.name} no tiene una entrada en el directorio donde guardar un segundo factor. Añádala primero.`,
  factorNoKey:
    'Usted tiene un segundo factor, pero este sitio no tiene la clave para comprobarlo. Consulte al administrador del sitio.',
  factorNotOffered: 'Este sitio no ofrece un segundo factor. Consulte al administrador del sitio.',

  connectionEnded: 'La conexión con el directorio ha terminado. Inicie sesión de nuevo para continuar.',
  noAnswer: (p) => `El directorio de ${p.url} no responde (${p.reason}). Inténtelo de nuevo dentro de un momento.`,
  notAllowed: 'El directorio no le permite hacer eso. Consulte a su postmaster o al administrador del sitio.',
  entryGone: 'Esa entrada no existe (o ya no). Vuelva atrás y recargue la lista.',
  entryExists: 'Ya existe una entrada con ese nombre. Elija otro nombre.',
  valueRejected: (p) => `El directorio rechaza un valor: ${p.reason}`,
  changedMeanwhile: 'Otra persona lo ha cambiado entretanto. Recargue la página y compruébelo.',
  directoryRefuses: (p) => `El directorio se niega (${p.reason}). Si vuelve a ocurrir, avise al administrador del sitio.`,
  schemaUnknown: 'El directorio no conoce jammd.schema. Incluya ese archivo en su configuración, después de jamm.schema.',
  schemaMissing:
    'El directorio no tiene jammd.schema, que es necesario para esto. ' +
    'Pida al administrador del sitio que lo incluya en la configuración del servidor.',
  severalTrees: (p) => `Hay varios árboles de alojamiento. Elija uno con --base: ${p.bases}.`,
  noTree:
    'El directorio no tiene una entrada o=hosting justo debajo de un sufijo. Indique con --base la entrada sobre los dominios.',
  noBase: (p) =>
    `No existe esa base en el directorio: ${p.base} (${p.reason}). Indique con --base la entrada sobre los dominios.`,
  noSuchEntry: 'no tiene esa entrada',

  onlySiteAdmin: 'Solo el administrador del sitio puede hacer eso. Pídaselo.',
  onlyPostmaster: (p) => `Solo un postmaster de ${p.domain} puede hacer eso. Pídaselo.`,
  mayNotEditAccounts: (p) =>
    `El administrador del sitio no permite a los postmasters de ${p.domain} añadir, renombrar ni eliminar cuentas.`,
  mayNotEditAliases: (p) =>
    `El administrador del sitio no permite a los postmasters de ${p.domain} añadir, cambiar ni eliminar alias.`,
  mayNotEditPostmasters: (p) => `El administrador del sitio no permite a los postmasters de ${p.domain} nombrar postmasters.`,
  mayNotEditCatchAlls: (p) =>
    `El administrador del sitio no permite a los postmasters de ${p.domain} cambiar la dirección comodín.`,
  domainsHidden: 'Solo los postmasters y los administradores del sitio pueden ver los dominios.',
  onlyOwnAccount: 'Solo puede cambiar su propia cuenta.',
  onlyOwnForwarding: 'Solo puede cambiar adónde va su propio correo.',
  quotaByPostmaster: 'Solo un postmaster puede cambiar una cuota. Pida más espacio al suyo.',
  activeByPostmaster: 'Solo un postmaster puede activar o desactivar cuentas.',
  passwordByPostmaster: 'Solo un postmaster del dominio puede cambiar las contraseñas de otras personas.',
  appPasswordsOfOthers:
    'Solo su titular, un postmaster del dominio o el administrador del sitio pueden ver o cambiar contraseñas de aplicación.',
  siteAdminPassword:
    'Los administradores del sitio cambian su contraseña en el servidor de directorio: la del Manager es rootpw en su configuración.',
  ownAccountGone: 'Su cuenta ya no existe.',
  appPasswordsOfAccounts: 'Solo las cuentas tienen contraseñas de aplicación.',
  wouldLockOut: 'Esto le impediría el acceso. Pida a otro postmaster que lo haga.',
  renameSelf: 'No puede renombrar su propia cuenta. Pida a otro postmaster que lo haga.',
  deleteSelf: 'No puede eliminar su propia cuenta. Pida a otro postmaster que lo haga.',
  renameOwnAlias: 'No puede renombrar el alias con el que ha iniciado sesión.',
  deleteOwnAlias: 'No puede eliminar el alias con el que ha iniciado sesión.',
  dismissSelf: 'No puede destituirse a sí mismo. Pida a otro postmaster que lo haga.',
  addressReserved: (p) => `${p.address} está reservada: todo dominio debe tenerla. Puede cambiar adónde va su correo.`,
  postmasterName: 'El alias postmaster conserva su nombre.',
  formOutOfDate: 'Ese formulario ya no es válido. Vuelva atrás y recargue la página.',
  selectAtMost: (p) => `Seleccione ${number(p.most)} como máximo.`,

  domainRequired: 'Escriba un nombre de dominio, por ejemplo example.com.',
  domainOnly: (p) => `Escriba solo la parte que sigue a la @: ${p.domain}`,
  domainInvalid: (p) => `«${p.typed}» no es un nombre de dominio. Use letras, cifras y guiones, separados por puntos.`,
  domainIncomplete: (p) => `«${p.typed}» está incompleto: escriba el nombre entero, por ejemplo ${p.typed}.example.`,
  domainNumber: (p) => `«${p.typed}» es un número, no un nombre de dominio.`,
  noDomain: (p) => `Aquí no hay ningún dominio ${p.domain}. Compruebe la ortografía.`,
  domainExists: (p) => `${p.domain} ya existe.`,
  domainExistsOrDeleted: (p) => `${p.domain} ya existe. Si está entre los dominios eliminados, restáurelo allí.`,
  domainDeleted: 'Este dominio está eliminado. Restáurelo antes de añadirle algo.',
  domainInactive: (p) => `El dominio ${p.domain} está inactivo. El administrador del sitio debe activarlo primero.`,
  isDeleted: (p) => `${p.name} está eliminado y primero hay que restaurarlo.`,
  deleteDomainFirst: (p) => `Elimine primero ${p.domain}: solo los dominios eliminados pueden eliminarse definitivamente.`,
  purgeOtherNameFirst: (p) => `${p.other} es otro nombre de ${p.domain}: elimínelo primero definitivamente.`,
  anotherName: (p) => `${p.domain} es otro nombre de ${p.other} y no tiene direcciones propias. Vaya a ${p.other} para eso.`,
  hasAddresses: (p) => `${p.domain} tiene direcciones propias: no puede convertirse en otro nombre de un dominio.`,
  nameOfItself: 'Un dominio no puede ser otro nombre de sí mismo.',
  nameOfName: (p) => `${p.domain} es a su vez otro nombre de ${p.other}: elija ese.`,
  transportInvalid: (p) => `«${p.typed}» no es un transporte de Postfix: escriba por ejemplo virtual: o smtp:[mail.example.com].`,
  limitInvalid: (p) => `«${p.typed}» no es un número: escriba por ejemplo 50, o nada si no hay límite.`,
  sumInvalid: (p) => `«${p.typed}» no es un tamaño: escriba por ejemplo 20 GB.`,
  limitsUnknown: (p) =>
    `El directorio no le muestra todo ${p.domain}, por lo que no se pueden comprobar sus límites. Consulte al administrador del sitio.`,
  quotaNeeded: (p) =>
    `Las cuotas de ${p.domain} pueden sumar ${size(p.sum)}, de los que quedan ${size(p.left)}: escriba una cuota.`,
  quotaTooLarge: (p) =>
    `Las cuotas de ${p.domain} pueden sumar ${size(p.sum)}, de los que quedan ${size(p.left)}: ` +
    'escriba una cuota menor o consulte al administrador del sitio.',
  accountsFull: (p) =>
    p.most === 0
      ? `${p.domain} no puede tener cuentas. Consulte al administrador del sitio.`
      : `Máximo de cuentas de ${p.domain}: ${number(p.most)}. Consulte al administrador del sitio.`,
  aliasesFull: (p) =>
    p.most === 0
      ? `${p.domain} no puede tener alias. Consulte al administrador del sitio.`
      : `Máximo de alias de ${p.domain}: ${number(p.most)}. Consulte al administrador del sitio.`,

  otherDomain: (p) => `«${p.typed}» está en otro dominio: aquí las direcciones terminan en @${p.domain}.`,
  localRequired: 'Escriba la parte anterior a la @, por ejemplo john.',
  localTooLong: (p) => `La parte anterior a la @ puede tener como máximo ${number(p.most)} caracteres.`,
  localCharacters: (p) =>
    `«${p.typed}» tiene caracteres que una dirección no puede contener antes de la @: use a-z, cifras y . _ - +`,
  localForbidden: 'La parte anterior a la @ no puede contener ninguno de estos caracteres: " \\ < > @',
  localDots: 'Los puntos solo pueden ir entre otros caracteres: ni al principio, ni al final, ni dos seguidos.',
  localReserved: (p) => `${p.local} está reservado: todo dominio ya lo tiene como alias. Modifique ese alias.`,
  isFurtherAddress: (p) => `${p.holder} tiene ${p.address} como dirección adicional. Elija otra.`,
  isAlias: (p) => `${p.address} ya es un alias. Elija otra dirección o elimine primero el alias.`,
  isDeletedAccount: (p) =>
    `${p.address} es una cuenta eliminada. Restáurela si es para la misma persona; si no, elimínela primero definitivamente.`,
  isAccount: (p) => `${p.address} ya es una cuenta. Elija otra dirección.`,
  noAddress: (p) => `${p.address} no existe (o ya no). Vuelva a la lista y recárguela.`,
  aliasNotAccount: (p) => `${p.address} es un alias, no una cuenta. Búsquelo entre los alias.`,
  accountNotAlias: (p) => `${p.address} es una cuenta, no un alias. Búsquela entre las cuentas.`,
  changedByOther: (p) =>
    `Otra persona ha cambiado ${p.address} desde que abrió esta página. Lo que está guardado se muestra junto a su texto: ` +
    'guarde de nuevo para sustituirlo.',
  deleteFirst: (p) => `Elimine primero ${p.address}: solo las cuentas eliminadas pueden eliminarse definitivamente.`,
  nameTooLong: (p) => `Un nombre puede tener como máximo ${number(p.most)} caracteres.`,
  nameControl: 'Un nombre no puede contener tabuladores, saltos de línea ni otros caracteres de control.',
  quotaInvalid: (p) => `«${p.typed}» no es un tamaño: escriba por ejemplo 500 MB o 2 GB, o déjelo vacío si no hay límite.`,
  quotaRange: (p) => `«${p.typed}» está fuera de lo que puede ser una cuota.`,
  folderOfDeleted: (p) =>
    `La carpeta ${p.folder} era de una cuenta eliminada y quizá aún contenga su correo. ` +
    'Elija una carpeta nueva, o reutilice esta si es para la misma persona.',
  foldersTaken: (p) => `${number(p.count)} carpetas como ${p.folder} están ocupadas. Elija otra dirección.`,

  destinationRequired: 'Escriba al menos una dirección de destino.',
  destinationsAtMost: (p) => `Un alias puede tener como máximo ${number(p.most)} destinos.`,
  destinationInvalid: (p) => `Destino «${p.typed}»: ${p.reason}`,
  destinationIncomplete: 'No es una dirección: escríbala entera, con la @.',
  catchAllExists: (p) => `${p.domain} ya tiene una dirección comodín. Cambie esa.`,
  notDestination: (p) => `${p.typed} no es un destino de ${p.address}.`,
  lastDestination: 'Debe quedar al menos un destino, o se perdería el correo a esta dirección. Añada otro primero.',
  onlyToItself: 'Un alias no puede entregar solo a sí mismo: añada otro destino.',
  forwardIncomplete: (p) => `«${p.typed}» no es una dirección: escríbala entera, con la @.`,
  forwardToItself: (p) => `${p.address} es esta misma cuenta. Para conservar también aquí su correo, elija guardar una copia.`,
  forwardsAtMost: (p) => `El correo se puede reenviar como máximo a ${number(p.most)} direcciones.`,
  notSender: (p) => `${p.typed} no está entre los remitentes de ${p.address}.`,
  sendersAtMost: (p) =>
    `Una dirección puede tener como máximo ${number(p.most)} remitentes. Conviértala en un alias que les entregue el correo.`,
  senderIncomplete: (p) => `«${p.typed}» no es la dirección de una cuenta.`,
  senderNoAccount: (p) => `${p.typed} no es una cuenta de aquí. Solo las cuentas inician sesión para enviar correo.`,
  toDeletedDomain: (p) => `${p.address} está en un dominio eliminado: su correo se rechaza.`,
  toInactiveDomain: (p) => `${p.address} está en un dominio inactivo: su correo se rechaza.`,
  toNobody: (p) => `${p.address} no existe aquí: su correo se rechaza.`,
  toDeleted: (p) => `${p.address} está eliminada: su correo se rechaza.`,
  toInactive: (p) => `${p.address} está inactiva: su correo se rechaza.`,
  loop: (p) => `El correo a ${p.address} da vueltas en círculo: ${p.way}.`,

  passwordRequired: 'Escriba una contraseña nueva.',
  passwordTooShort: (p) => `Esa contraseña es demasiado corta: use al menos ${number(p.least)} caracteres.`,
  passwordTooLong: (p) => `Esa contraseña es demasiado larga: use como máximo ${number(p.most)} bytes.`,
  passwordControl: 'Una contraseña no puede contener tabuladores, saltos de línea ni otros caracteres de control.',
  passwordsDiffer: 'Las dos contraseñas son distintas. Escriba dos veces la misma.',
  oldRequired: 'Escriba su contraseña actual, para que nadie más pueda cambiarla en su ausencia.',
  oldRequiredForThis: 'Escriba su contraseña actual, para que nadie más pueda hacer esto en su ausencia.',
  oldWrong: 'La contraseña actual no es correcta. Inténtelo de nuevo.',
  oldIsAppPassword: 'Es una contraseña de aplicación. Escriba la contraseña con la que inicia sesión aquí.',
  appPasswordsLost:
    'La contraseña nueva está puesta, pero no se han podido conservar las contraseñas de aplicación. ' +
    'Cree otras para sus programas de correo.',
  appPasswordExists: (p) => `Ya hay una contraseña de aplicación «${p.label}». Elija otro nombre o revoque primero esa.`,
  appPasswordsAtMost: (p) =>
    `Una cuenta puede tener como máximo ${number(p.most)} contraseñas de aplicación. Revoque una primero.`,
  noAppPassword: 'Esa contraseña de aplicación no existe (o ya no). Recargue la lista.',
  daysInvalid: (p) => `Escriba un número de días de 1 a ${number(p.most)}, o nada para que no caduque.`,
  labelRequired: 'Escriba para qué es la contraseña, por ejemplo «Teléfono».',
  tokensAtMost: (p) => `Un dominio puede tener como máximo ${number(p.most)} tokens. Revoque uno primero.`,
  noToken: 'Ese token no existe (o ya no).',
  tokenExpired: 'Este token ha caducado. Cree uno nuevo.',
  scopeUnknown: (p) => `«${p.typed}» no es un ámbito: elija entre ${p.scopes}.`,

  csvTooLarge: (p) => `Son más de ${number(p.megabytes)} MB. Divídalo en varios archivos.`,
  csvEmpty: (p) => `Está vacío. Escriba un elemento por línea: ${p.example}.`,
  csvOnlyHeads: 'Hay nombres de columnas, pero nada debajo.',
  csvTooMany: (p) => `Son más de ${number(p.most)} líneas. Divídalas en varios archivos.`,
  csvQuote: (p) => `Las comillas abiertas en la línea ${number(p.line)} no se cierran.`,
  csvRepeated: (p) => `${p.address} ya está en la línea ${number(p.line)}.`,
  exportIncomplete: 'El directorio no le muestra todo, por lo que no se puede exportar. Consulte al administrador del sitio.',
  csvSkipped: 'Esta línea se ha omitido.',
  noMailHome: (p) => `No existe la carpeta ${p.folder}. Indique la carpeta del correo con --mail-home.`,
  foldersUnknown:
    'El directorio no muestra todas las cuentas, por lo que no se puede saber qué carpetas se usan. Inicie sesión como Manager.',
  folderReplaced: (p) => `${p.folder} se sustituyó mientras se eliminaba. Mire ${p.moved}.`,
};
