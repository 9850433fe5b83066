/** French: what frames every page. */
import type * as source from '../en/frame.js';
import { formatsOf } from '../formats.js';

const { number } = formatsOf('fr');

export const frame: typeof source.frame = {
  skip: 'Aller au contenu',
  main: 'Menu principal',
  whereYouAre: 'Vous êtes ici',
  language: 'Langue',
  domains: 'Domaines',
  myAccount: 'Mon compte',
  secondFactor: 'Second facteur',
  logOut: 'Se déconnecter',
  startPage: 'Aller à la page d’accueil',
};

export const script: typeof source.script = {
  yes: 'Oui',
  cancel: 'Annuler',
  show: 'Afficher',
  hide: 'Masquer',
  showField: 'Afficher : {label}',
  selectAll: 'Tout sélectionner sur cette page',
  selected: '{count} sélectionnés',
  copy: 'Copier',
  copied: 'Copié',
  copyFailed: 'Le navigateur ne le permet pas. Sélectionnez le texte et copiez-le.',
  download: 'Télécharger',
  tooShort: 'Encore trop court : il manque {count} caractères.',
  known: 'Faible : il fait partie des premiers que l’on essaie.',
  weak: 'Faible. Ajoutez un mot.',
  fair: 'Moyen. Un mot de plus le rendra bon.',
  good: 'Bon.',
  veryGood: 'Très bon.',
};

export const form: typeof source.form = {
  optional: '(facultatif)',
  cancel: 'Annuler',
  save: 'Enregistrer',
  on: 'Activé',
  off: 'Désactivé',
  never: 'jamais',
  newPassword: 'Nouveau mot de passe',
  repeatPassword: 'Répétez le nouveau mot de passe',
  passwordHint: (p) =>
    `Au moins ${number(p.least)} caractères. Quatre mots sans rapport sont faciles à retenir et difficiles à deviner.`,
};

export const list: typeof source.list = {
  search: 'Rechercher',
  show: 'Afficher',
  select: 'Sélectionner',
  selectOne: (p) => `Sélectionner ${p.name}`,
  selected: 'Sélection :',
  apply: 'Appliquer',
  pages: 'Pages',
  previous: 'Précédent',
  next: 'Suivant',
  page: (p) => `Page ${number(p.page)} sur ${number(p.pages)}`,
  activate: 'activer',
  deactivate: 'désactiver',
  delete: 'supprimer',
  restore: 'restaurer',
  purge: 'supprimer définitivement',
  everyStatus: 'Tous',
  notDeleted: 'Tous sauf les supprimés',
  active: 'Actifs',
  inactive: 'Inactifs',
  deleted: 'Supprimés',
  tooMany: (p) => `Sélectionnez-en ${number(p.most)} au maximum.`,
};

export const login: typeof source.login = {
  title: 'Connexion',
  name: 'Adresse e-mail ou identifiant',
  password: 'Mot de passe',
  button: 'Se connecter',
  hint:
    'Saisissez votre adresse complète, par exemple john@example.com. ' +
    'Si vous avez oublié votre mot de passe, demandez-en un nouveau à votre postmaster.',
  expired: 'Ce formulaire avait expiré. Reconnectez-vous.',
  ended: 'Votre session est terminée. Reconnectez-vous.',
  endedKept: 'Votre session est terminée. Reconnectez-vous pour continuer : tout ce que vous avez saisi est conservé.',
  resumeTitle: 'Reprenez où vous en étiez',
  resume: 'Votre session était terminée, rien n’a donc encore été fait. Tout ce que vous avez saisi est conservé.',
  resumeWithoutPasswords:
    'Votre session était terminée, rien n’a donc encore été fait. Tout ce que vous avez saisi est conservé, ' +
    'sauf les mots de passe, qui ne sont jamais stockés.',
  sendAgain: 'Renvoyer',
  discard: 'Abandonner',
};

export const failure: typeof source.failure = {
  notFound: 'Introuvable',
  noPage: 'Cette page n’existe pas. Le lien est peut-être périmé.',
  notAllowed: 'Non autorisé',
  notDone: 'Non effectué',
  unavailable: 'L’annuaire est indisponible',
  wrong: 'Une erreur s’est produite',
  wrongText:
    'L’erreur vient de ce site et a été consignée. Revenez en arrière et réessayez. ' +
    'Si elle se reproduit, prévenez l’administrateur du site.',
  notUnderstood: 'Requête non comprise',
  noLength: 'Ce formulaire n’a pas de Content-Length. Envoyez-le avec un navigateur.',
  tooLarge: 'Trop volumineux',
  tooLargeText: 'Ce formulaire est trop volumineux. Divisez-le.',
  busy: 'Site occupé',
  busyText: 'De nombreux gros formulaires sont en cours d’envoi. Revenez en arrière et réessayez dans un instant.',
  tooSlow: 'Trop lent',
  tooSlowText: 'Ce formulaire a mis trop de temps à arriver. Revenez en arrière et réessayez.',
  malformed: 'Ce n’était pas un formulaire. Revenez en arrière et rechargez la page.',
  method: 'Ce site n’accepte que GET et POST.',
  foreign: 'Ce formulaire vient d’un autre site, rien n’a donc été fait.',
  wrongToken:
    'Ce formulaire ne vient pas de cette session, rien n’a donc été fait. Revenez en arrière, rechargez la page et réessayez.',
};
