/** French: the pages of mail programs, welcome mails and DNS. */
import type * as source from '../en/services.js';

export const mailPrograms: typeof source.mailPrograms = {
  title: 'Logiciels de messagerie',
  userName: 'Nom d’utilisateur',
  incoming: (p) => `Courrier entrant (${p.protocol})`,
  outgoing: (p) => `Courrier sortant (${p.protocol})`,
  port: (p) => `port ${p.port}`,
  noEncryption: 'sans chiffrement',
  hint: 'Thunderbird et Outlook trouvent ces paramètres d’eux-mêmes. Sur iPhone, iPad et Mac, ouvrez le profil.',
  profile: 'Profil pour appareils Apple',
};

export const welcomeMail: typeof source.welcomeMail = {
  title: 'Message de bienvenue',
  tick: 'Envoyer un message de bienvenue',
  tickHint:
    'Il crée le dossier de courrier, comme tout premier message, et explique comment configurer les logiciels de messagerie.',
  text: 'Le premier message crée le dossier de courrier. Celui de bienvenue explique aussi comment configurer les logiciels de messagerie.',
  button: 'Envoyer le message de bienvenue',
  onItsWay: (p) => `Un message de bienvenue part pour ${p.address}.`,
  notSent: (p) => `Le compte est créé, mais le message de bienvenue n’est pas parti. ${p.reason}`,
};

export const dnsPage: typeof source.dnsPage = {
  tab: 'DNS',
  title: (p) => `DNS de ${p.domain}`,
  intro: 'Ce que le DNS dit du courrier de ce domaine, tel que ce serveur le voit en ce moment.',
  selector: 'Sélecteur DKIM',
  selectorHint: 'Le nom de la clé avec laquelle votre serveur signe, par exemple mail.',
  lookUp: 'Vérifier',
  found: 'Trouvé',
  nothing: 'rien',
  putIn: 'À inscrire',
  mx: 'Courrier entrant (MX)',
  spf: 'Qui peut envoyer (SPF)',
  dkim: 'Signatures numériques (DKIM)',
  dmarc: 'Ce qui échoue aux deux (DMARC)',
  autoconfig: 'Paramètres pour Thunderbird',
  autodiscover: 'Paramètres pour Outlook',
  service: 'Serveurs des logiciels de messagerie (SRV)',
  good: 'bon',
  advice: 'à améliorer',
  missing: 'manquant',
  wrong: 'erroné',
  unknown: 'inconnu',
};
