/** English: the pages of mail programs, welcome mails and DNS. */

export const mailPrograms = {
  title: 'Mail programs',
  userName: 'User name',
  incoming: (p: { protocol: string }) => `Incoming mail (${p.protocol})`,
  outgoing: (p: { protocol: string }) => `Outgoing mail (${p.protocol})`,
  port: (p: { port: number }) => `port ${p.port}`,
  noEncryption: 'no encryption',
  hint: 'Thunderbird and Outlook find these settings by themselves. On iPhone, iPad and Mac, open the profile.',
  profile: 'Profile for Apple devices',
};

export const welcomeMail = {
  title: 'Welcome mail',
  tick: 'Send a welcome mail',
  tickHint: 'It creates the mail folder, as the first message does, and tells how mail programs are set up.',
  text: 'The first message creates the mail folder. The welcome mail also tells how mail programs are set up.',
  button: 'Send the welcome mail',
  onItsWay: (p: { address: string }) => `A welcome mail to ${p.address} is on its way.`,
  notSent: (p: { reason: string }) => `The account is made, but not its welcome mail. ${p.reason}`,
};

export const dnsPage = {
  tab: 'DNS',
  title: (p: { domain: string }) => `DNS of ${p.domain}`,
  intro: 'What the DNS says about mail of this domain, as this server sees it just now.',
  selector: 'DKIM selector',
  selectorHint: 'The name of the key that your mail server signs with, for example mail.',
  lookUp: 'Look up',
  found: 'Found',
  nothing: 'nothing',
  putIn: 'Put in',
  mx: 'Incoming mail (MX)',
  spf: 'Who may send (SPF)',
  dkim: 'Signatures (DKIM)',
  dmarc: 'What fails both (DMARC)',
  autoconfig: 'Settings for Thunderbird',
  autodiscover: 'Settings for Outlook',
  service: 'Servers of mail programs (SRV)',
  good: 'good',
  advice: 'could be better',
  missing: 'missing',
  wrong: 'wrong',
  unknown: 'unknown',
};
