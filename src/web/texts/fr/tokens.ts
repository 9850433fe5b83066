/** French: API tokens. */
import type * as source from '../en/tokens.js';

export const tokens: typeof source.tokens = {
  tab: 'Jetons d’API',
  title: (p) => `Jetons d’API de ${p.domain}`,
  intro:
    'Avec un jeton, un programme utilise l’API pour ce domaine. Donnez le sien à chaque programme : vous pourrez ainsi le révoquer seul.',
  none: 'Il n’y a pas encore de jeton.',
  expired: 'expiré',
  scopes: (p) => `Peut : ${p.list}.`,
  made: 'Créé',
  used: 'Dernière utilisation',
  expires: 'Expire',
  revoke: 'Révoquer',
  revokeOne: (p) => `Révoquer ${p.label}`,
  revokeQuestion: (p) => `Révoquer le jeton pour ${p.label} ? Le programme qui s’en sert n’aura plus accès à l’API.`,
  revoked: 'Le jeton est révoqué.',
  new: 'Créer un jeton',
  label: 'À quoi il sert',
  labelExample: 'Formulaire d’inscription',
  mayDo: 'Ce qu’il peut faire',
  alwaysReads: 'Il peut toujours lire le domaine, ses comptes, ses alias et ses postmasters.',
  warning:
    'Un jeton qui peut modifier quelque chose a les droits d’un postmaster dans l’annuaire lui-même. Gardez-le comme un mot de passe.',
  days: 'Expire après (jours)',
  daysHint: 'Laissez vide pour qu’il n’expire pas.',
  ownPassword: 'Votre mot de passe actuel',
  make: 'Créer le jeton',
  madeTitle: (p) => `Jeton pour ${p.label}`,
  madeText: 'Donnez-le maintenant à votre programme. Il ne sera plus affiché.',
  token: 'Jeton',
  how: 'Envoyez-le avec chaque requête :',
  api: 'Ce que permet l’API',
  done: 'Terminé',
};

export const tokenScopes: typeof source.tokenScopes = {
  read: 'lire',
  accounts: 'ajouter, modifier, renommer, supprimer et restaurer des comptes',
  aliases: 'ajouter, modifier et supprimer des alias, définir l’adresse collectrice',
  passwords: 'définir des mots de passe, créer et révoquer des mots de passe d’application',
  postmasters: 'nommer et révoquer des postmasters',
};
