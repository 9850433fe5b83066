/** French: mail programs, welcome mails, DNS. */
import type { MailTexts } from '../../../mail/told.js';
import type { serviceTexts } from '../../../mail/service-texts.js';

export const services: Pick<MailTexts, keyof typeof serviceTexts> = {
  settingsNotYours: 'Vous ne pouvez voir que vos propres paramètres.',
  serversUnknown: (p) =>
    `On ne sait pas quels serveurs utilisent les logiciels de messagerie de ${p.domain}. Indiquez-les avec --imap-server et --smtp-server.`,
  relayUnknown:
    'Aucun message de bienvenue ne peut être envoyé : le serveur d’envoi n’est pas connu. Indiquez-le avec --mail-relay.',
  welcomeRefused: (p) => `Les messages à ${p.address} sont refusés pour le moment. Activez d’abord l’adresse.`,
  welcomeAgain: (p) => `Un message de bienvenue vient d’être envoyé à ${p.address}. Attendez une minute avant le suivant.`,
  notSent: (p) => `Le message n’a pas pu être envoyé : ${p.reason}`,
  notSentBusy: 'Le message n’a pas pu être envoyé : trop d’autres sont en cours. Réessayez dans un instant.',
  notSentAddress: (p) =>
    `Le message n’a pas pu être envoyé : ${p.address} exige des guillemets, que beaucoup de serveurs refusent.`,
  noActivityLog: 'On ne sait pas où les modifications sont enregistrées. Indiquez le journal avec --audit-log ou --accesslog.',
  auditLogUnreadable: (p) => `Le journal des modifications ne peut pas être lu : ${p.reason}`,
  dnsUnknown: 'Le serveur DNS n’a pas répondu. Réessayez plus tard.',
  dnsBusy: 'Beaucoup de domaines sont vérifiés en ce moment. Réessayez dans un instant.',
  mxGood: (p) => `Le courrier va à ${p.hosts}.`,
  mxMissing: 'Aucun serveur ne reçoit le courrier de ce domaine.',
  mxRefuses: 'Le domaine déclare ne recevoir aucun courrier (MX nul).',
  mxElsewhere: (p) => `Le courrier va à ${p.hosts}, et non à ${p.expected}.`,
  mxNoAddress: (p) => `${p.host} n’a pas d’adresse.`,
  mxIsAlias: (p) =>
    `${p.host} est un autre nom de ${p.target} (CNAME), ce qui est interdit pour un MX. Indiquez ${p.target} lui-même.`,
  spfGood: 'Il indique les serveurs autorisés à envoyer pour ce domaine.',
  spfMissing: 'Rien n’indique quels serveurs peuvent envoyer pour ce domaine. Ses messages passent plus facilement pour du spam.',
  spfSeveral: 'Il y en a plusieurs. Les destinataires n’en utilisent alors aucun : réunissez-les en un seul.',
  spfAll: 'Il autorise tous les serveurs à envoyer pour ce domaine. Terminez-le par ~all ou -all.',
  spfOpen: 'Il ne dit rien des autres serveurs. Terminez-le par ~all ou -all.',
  spfLookups: (p) =>
    `Il exige ${p.count} requêtes supplémentaires, et les destinataires abandonnent après ${p.most}. Indiquez plutôt des adresses.`,
  dkimGood: (p) => `Une clé est publiée (${p.algorithm}).`,
  dkimNoSelector: 'On ne sait pas avec quelle clé votre serveur signe. Saisissez son sélecteur.',
  dkimMissing: 'Il n’y a pas de clé. Si votre serveur signe avec ce sélecteur, publiez l’enregistrement créé avec la clé.',
  dkimSeveral: 'Il y a plusieurs enregistrements. Les destinataires prennent l’un ou l’autre : n’en gardez qu’un.',
  dkimRevoked: 'La clé est révoquée : p= est vide.',
  dkimUnreadable: 'L’enregistrement ne contient aucune clé lisible : vérifiez p=.',
  dkimWeak: (p) => `La clé a ${p.bits} bits, et les destinataires en exigent au moins 1024. Créez-en une de 2048.`,
  dkimShort: (p) => `La clé a ${p.bits} bits. On en utilise aujourd’hui 2048.`,
  dkimTesting: 'L’enregistrement se présente comme un essai (t=y) ; les destinataires peuvent donc l’ignorer.',
  dmarcGood: (p) => `Il demande aux destinataires d’appliquer ceci à ce qui échoue à SPF et DKIM : ${p.policy}.`,
  dmarcInherited: (p) => `Celui de ${p.domain} s’applique : ${p.policy}.`,
  dmarcMissing: 'Rien ne dit aux destinataires que faire des messages qui prétendent seulement venir de ce domaine.',
  dmarcNone:
    'Il ne demande que des rapports (p=none). Quand ils montrent que vos propres messages passent, demandez quarantine ou reject.',
  dmarcSeveral: 'Il y en a plusieurs. Les destinataires n’en utilisent alors aucun : n’en gardez qu’un.',
  dmarcInvalid: 'Sa politique est illisible : p doit être none, quarantine ou reject.',
  webGood: 'Les logiciels de messagerie y trouvent leurs paramètres.',
  webMissing: 'Les logiciels de messagerie qui y cherchent leurs paramètres n’en trouvent pas. Cela fonctionne aussi sans.',
  webElsewhere: (p) => `Ce nom mène ailleurs qu’à ${p.host}, où se trouvent les paramètres.`,
  serviceGood: 'Les logiciels de messagerie qui le cherchent trouvent le serveur.',
  serviceMissing: 'Certains logiciels de messagerie y cherchent leur serveur. Cela fonctionne aussi sans.',
  serviceElsewhere: (p) => `Il n’indique pas ${p.server}.`,
  selectorsTooMany: (p) => `Vérifiez au plus ${p.most} sélecteurs à la fois.`,
  selectorInvalid: (p) => `« ${p.selector} » n’est pas un sélecteur, c’est-à-dire un nom comme mail ou 2026a.`,
};
