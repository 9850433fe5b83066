/** The root DSE and the subschema entry, as far as two servers' can be the same. */
import type { Step } from '../contestant.js';
import { read, search } from './steps.js';

export const rootDseSteps: readonly Step[] = [
  read('', undefined, { as: 'anonymous' }),
  read('', ['*']),
  read('', ['+'], { as: 'anonymous' }),
  read('', ['*', '+']),
  read('', ['namingContexts', 'supportedLDAPVersion', 'subschemaSubentry']),
  read('', ['supportedControl', 'supportedExtension', 'supportedFeatures']),
  read('', ['altServer', 'vendorName', 'noSuchAttribute']),
  read('', ['entryDN', 'structuralObjectClass', 'hasSubordinates', 'entryUUID']),
  read('', ['1.1']),
  search('', '(objectClass=top)'),
  search('', '(objectClass=domain)'),
  search('', '(namingContexts=dc=myhosting,dc=example)', { attributes: ['1.1'] }),
  search('', '(supportedLDAPVersion=3)', { attributes: ['1.1'] }),
  search('', '(mail=*)'),
  search('', '(objectClass=*)', { scope: 'one' }),
  search('', '(objectClass=*)', { scope: 'sub' }),
  search('', '(objectClass=*)', { scope: 'children' }),
  search('', '(objectClass=*)', { typesOnly: true, attributes: ['namingContexts'] }),
  read('cn=Subschema', undefined, { as: 'anonymous' }),
  read('cn=subschema', ['*']),
  read('cn=SUBSCHEMA', ['objectClasses', 'attributeTypes', 'ldapSyntaxes', 'matchingRules', 'matchingRuleUse', 'cn']),
  read('cn=Subschema', ['1.1']),
  read('cn=Subschema', ['entryDN', 'subschemaSubentry', 'structuralObjectClass', 'hasSubordinates', 'createTimestamp']),
  search('cn=Subschema', '(objectClass=subschema)', { attributes: ['cn'] }),
  search('cn=Subschema', '(objectClass=subentry)', { attributes: ['cn'] }),
  search('cn=Subschema', '(cn=x)', { attributes: ['cn'] }),
  search('cn=Subschema', '(objectClass=*)', { scope: 'one' }),
  search('cn=Subschema', '(objectClass=*)', { scope: 'sub', attributes: ['cn'] }),
  read('cn=x,cn=Subschema'),
  search('', '(subschemaSubentry=cn=Subschema)', {
    attributes: ['1.1'],
    rather: { because: 'slapd shows subschemaSubentry but does not find it', outcome: { entries: { '': {} } } },
  }),
];
