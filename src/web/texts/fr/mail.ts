/** French: what the use cases tell people. */
import type { MailTexts } from '../../../mail/told.js';
import { formatsOf } from '../formats.js';
import { services } from './mail-services.js';

const { number, size } = formatsOf('fr');

const few = (count: number, one: string, many: string): string =>
  count === 0 ? `aucun ${one}` : count === 1 ? `un seul ${one}` : `${number(count)} ${many} au maximum`;

export const mail: MailTexts = {
  ...services,

  wrongLogin: 'Identifiant ou mot de passe incorrect. Vérifiez-les et réessayez.',
  identityUnknown: 'L’annuaire n’indique pas qui vous êtes, vous ne pouvez donc pas vous connecter ici.',
  appPasswordLogin:
    'C’est un mot de passe d’application, réservé aux logiciels de messagerie. Connectez-vous avec votre propre mot de passe.',
  mayNotLogIn: (p) =>
    `${p.name} ne peut pas se connecter ici : seuls les administrateurs du site, les comptes et les alias d’un domaine le peuvent.`,
  accountGone: 'Votre compte n’existe plus. Adressez-vous à votre postmaster.',
  accountDeleted: (p) => `${p.address} est supprimé. Demandez à votre postmaster de le restaurer.`,
  accountInactive: (p) => `${p.address} est désactivé. Demandez à votre postmaster de l’activer.`,
  loginDomainInactive: (p) => `Le domaine ${p.domain} est désactivé. Adressez-vous à l’administrateur du site.`,
  tokenDomainInactive: (p) => `Le domaine ${p.domain} est désactivé.`,
  passwordChanged: 'Votre mot de passe a été modifié. Connectez-vous avec le nouveau.',
  wrongCode: 'Ce code est incorrect ou a déjà servi. Saisissez le prochain que votre application affiche.',
  tooManyCodes: (p) =>
    `Trop de codes incorrects ont été saisis. Réessayez dans ${p.minutes === 1 ? 'une minute' : `${number(p.minutes)} minutes`}.`,
  factorOn: 'Vous avez déjà un second facteur. Désactivez-le d’abord.',
  codeRequired: 'Saisissez le code que votre application d’authentification affiche, ou un code de récupération.',
  factorUnreadable:
    'L’annuaire ne vous laisse pas lire ce que vous avez configuré : aucune connexion ne pourrait le demander. ' +
    'Adressez-vous à l’administrateur du site.',
  factorOtherKey:
    'Votre second facteur a été créé avec une autre clé que celle de ce site. Adressez-vous à l’administrateur du site.',
  factorByPostmaster:
    'Seul un postmaster du domaine ou l’administrateur du site peut désactiver le second facteur de quelqu’un d’autre.',
  factorNoEntry: (p) => `${p.name} n’a pas d’entrée dans l’annuaire où garder un second facteur. Ajoutez-la d’abord.`,
  factorNoKey:
    'Vous avez un second facteur, mais ce site n’a pas la clé pour le vérifier. Adressez-vous à l’administrateur du site.',
  factorNotOffered: 'Ce site ne propose pas de second facteur. Adressez-vous à l’administrateur du site.',

  connectionEnded: 'La connexion à l’annuaire est terminée. Reconnectez-vous pour continuer.',
  noAnswer: (p) => `L’annuaire à l’adresse ${p.url} ne répond pas (${p.reason}). Réessayez dans un instant.`,
  notAllowed: 'L’annuaire ne vous y autorise pas. Adressez-vous à votre postmaster ou à l’administrateur du site.',
  entryGone: 'Cette entrée n’existe pas (ou plus). Revenez en arrière et rechargez la liste.',
  entryExists: 'Une entrée de ce nom existe déjà. Choisissez un autre nom.',
  valueRejected: (p) => `L’annuaire refuse une valeur : ${p.reason}`,
  changedMeanwhile: 'Quelqu’un d’autre l’a modifié entre-temps. Rechargez la page et vérifiez.',
  directoryRefuses: (p) => `L’annuaire refuse (${p.reason}). Si cela se reproduit, prévenez l’administrateur du site.`,
  schemaUnknown: 'L’annuaire ne connaît pas jammd.schema. Incluez ce fichier dans sa configuration, après jamm.schema.',
  schemaMissing:
    'L’annuaire n’a pas jammd.schema, qui est nécessaire pour cela. ' +
    'Demandez à l’administrateur du site de l’inclure dans la configuration du serveur.',
  severalTrees: (p) => `Il y a plusieurs arbres d’hébergement. Choisissez-en un avec --base : ${p.bases}.`,
  noTree: 'L’annuaire n’a pas d’entrée o=hosting juste sous un suffixe. Indiquez avec --base l’entrée au-dessus des domaines.',
  noBase: (p) =>
    `Cette base n’existe pas dans l’annuaire : ${p.base} (${p.reason}). Indiquez avec --base l’entrée au-dessus des domaines.`,
  noSuchEntry: 'il n’a pas cette entrée',

  onlySiteAdmin: 'Seul l’administrateur du site peut le faire. Demandez-le-lui.',
  onlyPostmaster: (p) => `Seul un postmaster de ${p.domain} peut le faire. Demandez-le-lui.`,
  mayNotEditAccounts: (p) =>
    `L’administrateur du site ne permet pas aux postmasters de ${p.domain} d’ajouter, de renommer ou de supprimer des comptes.`,
  mayNotEditAliases: (p) =>
    `L’administrateur du site ne permet pas aux postmasters de ${p.domain} d’ajouter, de modifier ou de supprimer des alias.`,
  mayNotEditPostmasters: (p) =>
    `L’administrateur du site ne permet pas aux postmasters de ${p.domain} de nommer des postmasters.`,
  mayNotEditCatchAlls: (p) =>
    `L’administrateur du site ne permet pas aux postmasters de ${p.domain} de modifier l’adresse attrape-tout.`,
  domainsHidden: 'Seuls les postmasters et les administrateurs du site peuvent voir les domaines.',
  onlyOwnAccount: 'Vous ne pouvez modifier que votre propre compte.',
  onlyOwnForwarding: 'Vous ne pouvez modifier que la destination de vos propres messages.',
  quotaByPostmaster: 'Seul un postmaster peut modifier un quota. Demandez plus d’espace au vôtre.',
  activeByPostmaster: 'Seul un postmaster peut activer ou désactiver des comptes.',
  passwordByPostmaster: 'Seul un postmaster du domaine peut modifier les mots de passe des autres.',
  appPasswordsOfOthers:
    'Seuls le titulaire, un postmaster ou l’administrateur du site peuvent voir ou modifier des mots de passe d’application.',
  siteAdminPassword:
    'Les administrateurs du site changent le leur dans le serveur d’annuaire : celui du Manager est rootpw dans sa configuration.',
  ownAccountGone: 'Votre compte n’existe plus.',
  appPasswordsOfAccounts: 'Seuls les comptes ont des mots de passe d’application.',
  wouldLockOut: 'Vous n’auriez plus accès. Demandez à un autre postmaster de le faire.',
  renameSelf: 'Vous ne pouvez pas renommer votre propre compte. Demandez à un autre postmaster de le faire.',
  deleteSelf: 'Vous ne pouvez pas supprimer votre propre compte. Demandez à un autre postmaster de le faire.',
  renameOwnAlias: 'Vous ne pouvez pas renommer l’alias avec lequel vous êtes connecté.',
  deleteOwnAlias: 'Vous ne pouvez pas supprimer l’alias avec lequel vous êtes connecté.',
  dismissSelf: 'Vous ne pouvez pas vous révoquer vous-même. Demandez à un autre postmaster de le faire.',
  addressReserved: (p) =>
    `${p.address} est réservée : tout domaine doit l’avoir. Vous pouvez modifier la destination de ses messages.`,
  postmasterName: 'L’alias postmaster garde son nom.',
  formOutOfDate: 'Ce formulaire est périmé. Revenez en arrière et rechargez la page.',
  selectAtMost: (p) => `Sélectionnez-en ${number(p.most)} au maximum.`,

  domainRequired: 'Saisissez un nom de domaine, par exemple example.com.',
  domainOnly: (p) => `Saisissez seulement la partie après le @ : ${p.domain}`,
  domainInvalid: (p) =>
    `« ${p.typed} » n’est pas un nom de domaine. Utilisez des lettres, des chiffres et des traits d’union, séparés par des points.`,
  domainIncomplete: (p) => `« ${p.typed} » est incomplet : saisissez le nom entier, par exemple ${p.typed}.example.`,
  domainNumber: (p) => `« ${p.typed} » est un nombre, pas un nom de domaine.`,
  noDomain: (p) => `Il n’y a pas de domaine ${p.domain} ici. Vérifiez l’orthographe.`,
  domainExists: (p) => `${p.domain} existe déjà.`,
  domainExistsOrDeleted: (p) => `${p.domain} existe déjà. S’il fait partie des domaines supprimés, restaurez-le là.`,
  domainDeleted: 'Ce domaine est supprimé. Restaurez-le avant d’y ajouter quelque chose.',
  domainInactive: (p) => `Le domaine ${p.domain} est inactif. L’administrateur du site doit d’abord l’activer.`,
  isDeleted: (p) => `${p.name} est supprimé et doit d’abord être restauré.`,
  deleteDomainFirst: (p) => `Supprimez d’abord ${p.domain} : seuls les domaines supprimés peuvent être supprimés définitivement.`,
  purgeOtherNameFirst: (p) => `${p.other} est un autre nom de ${p.domain} : supprimez-le d’abord définitivement.`,
  anotherName: (p) => `${p.domain} est un autre nom de ${p.other} et n’a pas d’adresses à lui. Allez à ${p.other} pour cela.`,
  hasAddresses: (p) => `${p.domain} a ses propres adresses : il ne peut pas devenir un autre nom d’un domaine.`,
  nameOfItself: 'Un domaine ne peut pas être un autre nom de lui-même.',
  nameOfName: (p) => `${p.domain} est lui-même un autre nom de ${p.other} : choisissez celui-ci.`,
  transportInvalid: (p) =>
    `« ${p.typed} » n’est pas un transport Postfix : saisissez par exemple virtual: ou smtp:[mail.example.com].`,
  limitInvalid: (p) => `« ${p.typed} » n’est pas un nombre : saisissez par exemple 50, ou rien pour « sans limite ».`,
  sumInvalid: (p) => `« ${p.typed} » n’est pas une taille : saisissez par exemple 20 Go.`,
  limitsUnknown: (p) =>
    `L’annuaire ne vous montre pas tout ${p.domain}, ses limites ne peuvent donc pas être vérifiées. ` +
    'Adressez-vous à l’administrateur du site.',
  quotaNeeded: (p) =>
    `Les quotas de ${p.domain} peuvent totaliser ${size(p.sum)}, dont ${size(p.left)} sont libres : saisissez un quota.`,
  quotaTooLarge: (p) =>
    `Les quotas de ${p.domain} peuvent totaliser ${size(p.sum)}, dont ${size(p.left)} sont libres : ` +
    'saisissez un quota plus petit, ou adressez-vous à l’administrateur du site.',
  accountsFull: (p) => `${p.domain} peut avoir ${few(p.most, 'compte', 'comptes')}. Adressez-vous à l’administrateur du site.`,
  aliasesFull: (p) => `${p.domain} peut avoir ${few(p.most, 'alias', 'alias')}. Adressez-vous à l’administrateur du site.`,

  otherDomain: (p) => `« ${p.typed} » est dans un autre domaine : les adresses se terminent ici par @${p.domain}.`,
  localRequired: 'Saisissez la partie avant le @, par exemple john.',
  localTooLong: (p) => `La partie avant le @ peut avoir ${number(p.most)} caractères au maximum.`,
  localCharacters: (p) =>
    `« ${p.typed} » contient des caractères interdits avant le @ d’une adresse : utilisez a-z, des chiffres et . _ - +`,
  localForbidden: 'La partie avant le @ ne peut contenir aucun de ces caractères : " \\ < > @',
  localDots: 'Les points ne peuvent se trouver qu’entre d’autres caractères : ni au début, ni à la fin, ni deux de suite.',
  localReserved: (p) => `${p.local} est réservé : tout domaine l’a déjà comme alias. Modifiez plutôt cet alias.`,
  isFurtherAddress: (p) => `${p.holder} a ${p.address} comme adresse supplémentaire. Choisissez-en une autre.`,
  isAlias: (p) => `${p.address} est déjà un alias. Choisissez une autre adresse, ou supprimez d’abord l’alias.`,
  isDeletedAccount: (p) =>
    `${p.address} est un compte supprimé. Restaurez-le s’il est pour la même personne, sinon supprimez-le d’abord définitivement.`,
  isAccount: (p) => `${p.address} est déjà un compte. Choisissez une autre adresse.`,
  noAddress: (p) => `${p.address} n’existe pas (ou plus). Revenez à la liste et rechargez-la.`,
  aliasNotAccount: (p) => `${p.address} est un alias, pas un compte. Cherchez parmi les alias.`,
  accountNotAlias: (p) => `${p.address} est un compte, pas un alias. Cherchez parmi les comptes.`,
  changedByOther: (p) =>
    `Quelqu’un d’autre a modifié ${p.address} depuis que vous avez ouvert cette page. Ce qui est enregistré figure à côté de ` +
    'votre saisie : enregistrez de nouveau pour le remplacer.',
  deleteFirst: (p) => `Supprimez d’abord ${p.address} : seuls les comptes supprimés peuvent être supprimés définitivement.`,
  nameTooLong: (p) => `Un nom peut avoir ${number(p.most)} caractères au maximum.`,
  nameControl: 'Un nom ne peut contenir ni tabulation, ni saut de ligne, ni autre caractère de contrôle.',
  quotaInvalid: (p) =>
    `« ${p.typed} » n’est pas une taille : saisissez par exemple 500 Mo ou 2 Go, ou laissez vide pour « sans limite ».`,
  quotaRange: (p) => `« ${p.typed} » est hors limites pour un quota.`,
  folderOfDeleted: (p) =>
    `Le dossier ${p.folder} appartenait à un compte supprimé et contient peut-être encore ses messages. ` +
    'Choisissez un nouveau dossier, ou reprenez celui-ci si c’est pour la même personne.',
  foldersTaken: (p) => `${number(p.count)} dossiers comme ${p.folder} sont déjà pris. Choisissez une autre adresse.`,

  destinationRequired: 'Saisissez au moins une adresse de destination.',
  destinationsAtMost: (p) => `Un alias peut avoir ${number(p.most)} destinations au maximum.`,
  destinationInvalid: (p) => `Destination « ${p.typed} » : ${p.reason}`,
  destinationIncomplete: 'Ce n’est pas une adresse : saisissez-la en entier, avec le @.',
  catchAllExists: (p) => `${p.domain} a déjà une adresse attrape-tout. Modifiez plutôt celle-ci.`,
  notDestination: (p) => `${p.typed} n’est pas une destination de ${p.address}.`,
  lastDestination:
    'Il doit rester au moins une destination, sinon les messages à cette adresse seraient perdus. Ajoutez-en d’abord une autre.',
  onlyToItself: 'Un alias ne peut pas distribuer seulement à lui-même : ajoutez une autre destination.',
  forwardIncomplete: (p) => `« ${p.typed} » n’est pas une adresse : saisissez-la en entier, avec le @.`,
  forwardToItself: (p) =>
    `${p.address} est ce compte lui-même. Pour garder aussi ses messages ici, choisissez d’en conserver une copie.`,
  forwardsAtMost: (p) => `Les messages peuvent être transférés à ${number(p.most)} adresses au maximum.`,
  notSender: (p) => `${p.typed} ne fait pas partie des expéditeurs de ${p.address}.`,
  sendersAtMost: (p) =>
    `Une adresse peut avoir ${number(p.most)} expéditeurs au maximum. Faites-en plutôt un alias qui leur distribue.`,
  senderIncomplete: (p) => `« ${p.typed} » n’est pas l’adresse d’un compte.`,
  senderNoAccount: (p) => `${p.typed} n’est pas un compte ici. Seuls les comptes se connectent pour envoyer des messages.`,
  toDeletedDomain: (p) => `${p.address} est dans un domaine supprimé : les messages y sont refusés.`,
  toInactiveDomain: (p) => `${p.address} est dans un domaine inactif : les messages y sont refusés.`,
  toNobody: (p) => `${p.address} n’existe pas ici : les messages y sont refusés.`,
  toDeleted: (p) => `${p.address} est supprimé : les messages y sont refusés.`,
  toInactive: (p) => `${p.address} est inactif : les messages y sont refusés.`,
  loop: (p) => `Les messages à ${p.address} tournent en rond : ${p.way}.`,

  passwordRequired: 'Saisissez un nouveau mot de passe.',
  passwordTooShort: (p) => `Ce mot de passe est trop court : utilisez au moins ${number(p.least)} caractères.`,
  passwordTooLong: (p) => `Ce mot de passe est trop long : utilisez ${number(p.most)} octets au maximum.`,
  passwordControl: 'Un mot de passe ne peut contenir ni tabulation, ni saut de ligne, ni autre caractère de contrôle.',
  passwordsDiffer: 'Les deux mots de passe sont différents. Saisissez deux fois le même.',
  oldRequired: 'Saisissez votre mot de passe actuel, pour que personne d’autre ne puisse le modifier en votre absence.',
  oldRequiredForThis: 'Saisissez votre mot de passe actuel, pour que personne d’autre ne puisse faire cela en votre absence.',
  oldWrong: 'Le mot de passe actuel est incorrect. Réessayez.',
  oldIsAppPassword: 'C’est un mot de passe d’application. Saisissez celui avec lequel vous vous connectez ici.',
  appPasswordsLost:
    'Le nouveau mot de passe est défini, mais les mots de passe d’application n’ont pas pu être conservés. ' +
    'Créez-en de nouveaux pour vos logiciels de messagerie.',
  appPasswordExists: (p) =>
    `Un mot de passe d’application « ${p.label} » existe déjà. Choisissez un autre nom, ou révoquez d’abord celui-là.`,
  appPasswordsAtMost: (p) =>
    `Un compte peut avoir ${number(p.most)} mots de passe d’application au maximum. Révoquez-en d’abord un.`,
  noAppPassword: 'Ce mot de passe d’application n’existe pas (ou plus). Rechargez la liste.',
  daysInvalid: (p) => `Saisissez un nombre de jours de 1 à ${number(p.most)}, ou rien pour « sans expiration ».`,
  labelRequired: 'Saisissez à quoi sert le mot de passe, par exemple « Téléphone ».',
  tokensAtMost: (p) => `Un domaine peut avoir ${number(p.most)} jetons au maximum. Révoquez-en d’abord un.`,
  noToken: 'Ce jeton n’existe pas (ou plus).',
  tokenExpired: 'Ce jeton a expiré. Créez-en un nouveau.',
  scopeUnknown: (p) => `« ${p.typed} » n’est pas une portée : choisissez parmi ${p.scopes}.`,

  csvTooLarge: (p) => `Cela dépasse ${number(p.megabytes)} Mo. Répartissez-le en plusieurs fichiers.`,
  csvEmpty: (p) => `C’est vide. Saisissez un élément par ligne : ${p.example}.`,
  csvOnlyHeads: 'Il y a des noms de colonnes, mais rien en dessous.',
  csvTooMany: (p) => `Cela dépasse ${number(p.most)} lignes. Répartissez-les en plusieurs fichiers.`,
  csvQuote: (p) => `Le guillemet ouvert à la ligne ${number(p.line)} n’est jamais fermé.`,
  csvRepeated: (p) => `${p.address} figure déjà à la ligne ${number(p.line)}.`,
  exportIncomplete: 'L’annuaire ne vous montre pas tout, l’export est donc impossible. Adressez-vous à l’administrateur du site.',
  csvSkipped: 'Cette ligne a été ignorée.',
  noMailHome: (p) => `Le dossier ${p.folder} n’existe pas. Indiquez le dossier des messages avec --mail-home.`,
  foldersUnknown:
    'L’annuaire ne montre pas tous les comptes, on ne peut donc pas savoir quels dossiers servent. Connectez-vous en tant que Manager.',
  folderReplaced: (p) => `${p.folder} a été remplacé pendant sa suppression. Regardez ${p.moved}.`,
};
