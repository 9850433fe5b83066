/** A directory with jammd.schema, and entries that use it: alias domains, accounts that forward, a shared address. */
import { account, alias, domainDn } from './hosting-tree.js';
import { presentConfig } from './howto.js';

/** The HOWTO's policy, with jammd's schema beside Jamm's. */
export const ownConfig = presentConfig.replace('include @JAMM_SCHEMA@\n', '$&include @JAMMD_SCHEMA@\n');

/** The same name with further classes and attributes. */
function extended(ldif: string, lines: readonly string[]): string {
  return `${ldif.trimEnd()}\n${lines.join('\n')}\n\n`;
}

function aliasDomain(name: string, of: string): string {
  return `dn: ${domainDn(name)}
objectClass: top
objectClass: JammVirtualDomain
objectClass: jammdAliasDomain
jvd: ${name}
jammdAliasOf: ${of}
postfixTransport: virtual:
accountActive: TRUE
lastChange: 1020000000
delete: FALSE
editAccounts: TRUE
editPostmasters: TRUE

`;
}

export const ownLdif =
  aliasDomain('first.example', 'one.example') +
  aliasDomain('second.example', 'two.example') +
  extended(account('copier@one.example', { password: 'copier-pw' }), [
    'objectClass: jammdAddress',
    'jammdForwardTo: stranger@two.example',
    'jammdForwardTo: far@away.example',
  ]) +
  extended(account('mover@one.example', { password: 'mover-pw' }), [
    'objectClass: jammdAddress',
    'jammdRedirectTo: neighbour@one.example',
  ]) +
  extended(alias('shared@one.example', ['stranger@two.example']), ['objectClass: jammdAddress', 'jammdSender: user@one.example']);
