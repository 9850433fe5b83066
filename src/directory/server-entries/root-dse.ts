/** The root DSE and cn=Subschema: what the server supports (RFC 4512 sections 4.2, 5.1). */
import type { EntryRecord } from '../../entry/record.js';
import { controlOids } from '../../ldap/control.js';
import { extendedOids } from '../../ldap/extended.js';
import type { Schema } from '../../ldap/schema.js';
import { subschemaDN } from '../search/computed.js';
import { virtualEntry } from './virtual-entry.js';

/** In the order slapd lists them. */
const supportedControls = [
  controlOids.proxiedAuthorization,
  controlOids.manageDsaIT,
  controlOids.subentries,
  controlOids.pagedResults,
  controlOids.serverSideSort,
  controlOids.virtualListView,
  controlOids.domainScope,
  controlOids.searchOptions,
  controlOids.dontUseCopy,
  controlOids.permissiveModify,
  controlOids.noOp,
  controlOids.relax,
  controlOids.matchedValues,
  controlOids.postRead,
  controlOids.preRead,
  controlOids.assertion,
];

/** Of a server with a password policy; slapd lists what a module brings before its own. */
const passwordControls = [
  controlOids.passwordExpiring,
  controlOids.passwordExpired,
  controlOids.accountUsability,
  controlOids.passwordPolicy,
];

/** Modify-Increment, all operational attributes, attributes by class, absolute filters, language tags and ranges. */
const supportedFeatures = [
  '1.3.6.1.1.14',
  '1.3.6.1.4.1.4203.1.5.1',
  '1.3.6.1.4.1.4203.1.5.2',
  '1.3.6.1.4.1.4203.1.5.3',
  '1.3.6.1.4.1.4203.1.5.4',
  '1.3.6.1.4.1.4203.1.5.5',
];

/** From `rootDSE FILE`: attributes by description. */
export type RootDseExtra = Readonly<Record<string, readonly Buffer[]>>;

export interface RootDseFacts {
  readonly namingContexts: readonly string[];
  readonly monitorContext: string | undefined;
  readonly configContext: string | undefined;
  readonly startTls: boolean;
  /** Some database has a password policy. */
  readonly passwordPolicy: boolean;
  readonly saslMechanisms: readonly string[];
  readonly referrals: readonly string[];
  readonly extra: RootDseExtra;
  /** Do replicas follow a database? */
  readonly sync: boolean;
  /** Does a database have the overlay deref? */
  readonly dereference: boolean;
}

export function rootDse(facts: RootDseFacts, schema: Schema): EntryRecord {
  const attributes: Record<string, readonly (string | Buffer)[]> = {
    objectClass: ['top', 'OpenLDAProotDSE'],
    structuralObjectClass: ['OpenLDAProotDSE'],
    namingContexts: facts.namingContexts,
    configContext: facts.configContext === undefined ? [] : [facts.configContext],
    monitorContext: facts.monitorContext === undefined ? [] : [facts.monitorContext],
    supportedControl: [
      ...(facts.passwordPolicy ? passwordControls : []),
      ...(facts.dereference ? [controlOids.dereference] : []),
      ...(facts.sync ? [controlOids.syncRequest] : []),
      ...supportedControls,
    ],
    // StartTLS and Cancel belong to the connection; the front end says whether it offers StartTLS.
    supportedExtension: [
      ...(facts.startTls ? [extendedOids.startTls] : []),
      extendedOids.passwordModify,
      extendedOids.whoAmI,
      extendedOids.cancel,
      extendedOids.endTransaction,
      extendedOids.startTransaction,
    ],
    supportedFeatures,
    supportedLDAPVersion: ['3'],
    supportedSASLMechanisms: facts.saslMechanisms,
    ref: facts.referrals,
  };
  for (const [name, values] of Object.entries(facts.extra)) attributes[name] = [...(attributes[name] ?? []), ...values];
  return virtualEntry('', attributes, schema);
}

export function subschemaEntry(schema: Schema, started: string): EntryRecord {
  return virtualEntry(
    subschemaDN,
    {
      objectClass: ['top', 'subentry', 'subschema', 'extensibleObject'],
      structuralObjectClass: ['subentry'],
      cn: ['Subschema'],
      createTimestamp: [started],
      modifyTimestamp: [started],
      ldapSyntaxes: schema.published('ldapSyntaxes'),
      matchingRules: schema.published('matchingRules'),
      matchingRuleUse: schema.published('matchingRuleUse'),
      attributeTypes: schema.published('attributeTypes'),
      objectClasses: schema.published('objectClasses'),
      dITContentRules: schema.published('dITContentRules'),
    },
    schema,
  );
}
