/** French: accounts and aliases. */
import type * as source from '../en/people.js';
import { formatsOf } from '../formats.js';

const { number, plural, size } = formatsOf('fr');

export const person: typeof source.person = {
  account: 'compte',
  alias: 'alias',
  name: 'Nom',
  address: 'Adresse',
  quota: 'Quota',
  quotaHint: 'Espace pour les messages, par exemple 500 Mo ou 2 Go. Laissez vide pour ne pas limiter.',
  noLimit: 'sans limite',
  active: 'Actif',
  activeBadge: 'actif',
  inactiveBadge: 'inactif',
  deletedBadge: 'supprimé',
  withDomain: 'inactif avec son domaine',
  off: 'désactivé',
  none: 'aucun',
  lastChange: 'Dernière modification',
  setPassword: 'Définir le mot de passe',
  rename: 'Renommer',
  newAddress: 'Nouvelle adresse',
  yourName: 'Votre nom',
  yourPassword: 'Votre mot de passe',
  currentPassword: 'Mot de passe actuel',
  changePassword: 'Changer le mot de passe',
  yourMail: 'Destination de vos messages',
  factorText:
    'Avec un second facteur, ces pages demandent, après votre mot de passe, un code d’une application d’authentification.',
  nameSaved: 'Votre nom est enregistré.',
  passwordChanged: 'Votre mot de passe est changé. Changez-le aussi dans vos logiciels de messagerie.',
};

export const sharing: typeof source.sharing = {
  title: 'Transfert',
  save: 'Enregistrer le transfert',
  mine: 'Transférer mes messages à',
  its: 'Transférer ses messages à',
  hint: 'Des adresses séparées par des virgules, des points-virgules ou des sauts de ligne. Laissez vide pour y mettre fin.',
  stays: (p) => `Les messages à ${p.address} restent dans sa boîte.`,
  goes: (p) => `Les messages à ${p.address} vont à ${p.to}.`,
  goesWithCopy: (p) => `Les messages à ${p.address} vont à ${p.to}, avec une copie dans la boîte ici.`,
  keepCopy: 'Garder une copie dans la boîte ici',
  sendersTitle: 'Qui peut envoyer depuis cette adresse',
  ownerSends: 'Son titulaire peut envoyer depuis elle. Autorisez-en d’autres :',
  destinationsSend: 'Les comptes auxquels elle distribue peuvent envoyer depuis elle. Autorisez-en d’autres :',
  saveSenders: 'Enregistrer les expéditeurs',
  removeSenders: 'Sélectionnez les expéditeurs à retirer',
  addAccounts: 'Ajouter des comptes',
  accountsHint: 'Adresses de comptes de ce site.',
  used: 'Utilisé',
  maySendFrom: 'Peut aussi envoyer depuis',
  usage: (p) => `${size(p.bytes)}, ${number(p.messages)} ${plural(p.messages, { one: 'message', other: 'messages' })}`,
};

export const destinations: typeof source.destinations = {
  title: 'Distribue à',
  hint: 'Une ou plusieurs adresses séparées par des virgules, des points-virgules ou des sauts de ligne.',
  remove: 'Sélectionnez les destinations à retirer',
  add: 'Ajouter des destinations',
  save: 'Enregistrer les destinations',
  added: (p) => `Ajout : ${p.list}.`,
  removed: (p) => `Retrait : ${p.list}.`,
  unchanged: 'Rien n’a changé : ces destinations y sont déjà.',
};

export const appPassword: typeof source.appPassword = {
  title: 'Mots de passe d’application',
  intro:
    'Donnez à chaque logiciel de messagerie son propre mot de passe. Si vous perdez un appareil, révoquez le sien et gardez ' +
    'les autres. Ces mots de passe n’ouvrent pas ces pages.',
  expired: 'expiré',
  made: 'Créé',
  used: 'dernière utilisation',
  expiredOn: 'expiré',
  expires: 'expire',
  revoke: 'Révoquer',
  revokeOne: (p) => `Révoquer ${p.label}`,
  revokeQuestion: (p) =>
    `Révoquer le mot de passe d’application de ${p.label} ? Le logiciel qui l’utilise ne pourra plus se connecter.`,
  revoked: (p) => `Le mot de passe d’application de ${p.label} est révoqué.`,
  make: 'Créer un mot de passe d’application',
  label: 'À quoi il sert',
  labelExample: 'Téléphone',
  days: 'Expire après (jours)',
  daysHint: 'Laissez vide pour qu’il n’expire pas.',
  ownPassword: 'Votre mot de passe actuel',
  madeTitle: 'Votre mot de passe d’application',
  madeFor: (p) => `Mot de passe d’application pour ${p.label}`,
  enterNow: 'Saisissez-le maintenant dans votre logiciel de messagerie. Il ne sera plus affiché.',
  userName: 'Nom d’utilisateur',
  password: 'Mot de passe',
  expiry: 'Expire',
  done: 'Terminé',
  revokeAll: 'Révoquer aussi tous les mots de passe d’application',
};

export const factor: typeof source.factor = {
  title: 'Second facteur',
  code: 'Code',
  codeHint: 'Les six chiffres que votre application d’authentification affiche, ou un code de récupération.',
  codeNow: 'Les six chiffres que l’application affiche maintenant.',
  logIn: 'Se connecter',
  lost: 'Si vous avez perdu les deux, demandez à votre postmaster ou à l’administrateur du site de désactiver votre second facteur.',
  setUp: 'Configurer un second facteur',
  required: 'L’administrateur du site exige de vous un second facteur. Configurez-le pour continuer.',
  switchOn: 'Activer',
  switchOff: 'Désactiver',
  recoveryTitle: 'Vos codes de récupération',
  recoveryText:
    'Votre second facteur est activé. Chacun de ces codes ouvre ces pages une fois sans l’application. Imprimez-les ou ' +
    'notez-les maintenant : ils ne seront plus affichés.',
  on: 'activé',
  left: (p) =>
    `Ces pages demandent un code après votre mot de passe. Codes de récupération restants : ${number(p.count)}. ` +
    'Pour en obtenir de nouveaux, ou changer d’application, désactivez-le puis configurez-le de nouveau.',
  isOff: 'Votre second facteur est désactivé.',
  orKey: 'Ou ajoutez cette clé à une application d’authentification :',
  openInApp: 'l’ouvrir dans une application sur cet appareil',
};

export const tabs: typeof source.tabs = {
  accounts: 'Comptes',
  aliases: 'Alias',
  catchAll: 'Attrape-tout',
  postmasters: 'Postmasters',
  settings: 'Paramètres',
  domain: 'Domaine',
};
