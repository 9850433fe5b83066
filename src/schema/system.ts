/**
 * The definitions that slapd has built in, whatever files are loaded: RFC 4512's operational attributes and root DSE,
 * those of other RFCs that the server itself understands, OpenLDAP's own, and what `database monitor` shows. In slapd's
 * order and words, since cn=Subschema shows them.
 */

export interface SystemDefinition {
  readonly definition: string;
  /** Not shown in cn=Subschema. */
  readonly hidden: boolean;
}

function shown(definition: string): SystemDefinition {
  return { definition, hidden: false };
}

function hidden(definition: string): SystemDefinition {
  return { definition, hidden: true };
}

export const systemAttributeTypes: readonly SystemDefinition[] = [
  shown(
    "( 2.5.4.0 NAME 'objectClass' DESC 'RFC4512: object classes of the entity' EQUALITY objectIdentifierMatch " +
      'SYNTAX 1.3.6.1.4.1.1466.115.121.1.38 )',
  ),
  shown(
    "( 2.5.21.9 NAME 'structuralObjectClass' DESC 'RFC4512: structural object class of entry' EQUALITY " +
      'objectIdentifierMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.38 SINGLE-VALUE NO-USER-MODIFICATION USAGE ' +
      'directoryOperation )',
  ),
  shown(
    "( 2.5.18.1 NAME 'createTimestamp' DESC 'RFC4512: time which object was created' EQUALITY " +
      'generalizedTimeMatch ORDERING generalizedTimeOrderingMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.24 ' +
      'SINGLE-VALUE NO-USER-MODIFICATION USAGE directoryOperation )',
  ),
  shown(
    "( 2.5.18.2 NAME 'modifyTimestamp' DESC 'RFC4512: time which object was last modified' EQUALITY " +
      'generalizedTimeMatch ORDERING generalizedTimeOrderingMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.24 ' +
      'SINGLE-VALUE NO-USER-MODIFICATION USAGE directoryOperation )',
  ),
  shown(
    "( 2.5.18.3 NAME 'creatorsName' DESC 'RFC4512: name of creator' EQUALITY distinguishedNameMatch SYNTAX " +
      '1.3.6.1.4.1.1466.115.121.1.12 SINGLE-VALUE NO-USER-MODIFICATION USAGE directoryOperation )',
  ),
  shown(
    "( 2.5.18.4 NAME 'modifiersName' DESC 'RFC4512: name of last modifier' EQUALITY distinguishedNameMatch " +
      'SYNTAX 1.3.6.1.4.1.1466.115.121.1.12 SINGLE-VALUE NO-USER-MODIFICATION USAGE directoryOperation )',
  ),
  shown(
    "( 2.5.18.9 NAME 'hasSubordinates' DESC 'X.501: entry has children' EQUALITY booleanMatch SYNTAX " +
      '1.3.6.1.4.1.1466.115.121.1.7 SINGLE-VALUE NO-USER-MODIFICATION USAGE directoryOperation )',
  ),
  shown(
    "( 2.5.18.10 NAME 'subschemaSubentry' DESC 'RFC4512: name of controlling subschema entry' EQUALITY " +
      'distinguishedNameMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.12 SINGLE-VALUE NO-USER-MODIFICATION USAGE ' +
      'directoryOperation )',
  ),
  shown(
    "( 1.3.6.1.1.20 NAME 'entryDN' DESC 'DN of the entry' EQUALITY distinguishedNameMatch SYNTAX " +
      '1.3.6.1.4.1.1466.115.121.1.12 SINGLE-VALUE NO-USER-MODIFICATION USAGE directoryOperation )',
  ),
  shown(
    "( 1.3.6.1.1.16.4 NAME 'entryUUID' DESC 'UUID of the entry' EQUALITY UUIDMatch ORDERING UUIDOrderingMatch " +
      'SYNTAX 1.3.6.1.1.16.1 SINGLE-VALUE NO-USER-MODIFICATION USAGE directoryOperation )',
  ),
  shown(
    "( 1.3.6.1.4.1.4203.666.1.7 NAME 'entryCSN' DESC 'change sequence number of the entry content' EQUALITY " +
      'CSNMatch ORDERING CSNOrderingMatch SYNTAX 1.3.6.1.4.1.4203.666.11.2.1{64} SINGLE-VALUE ' +
      'NO-USER-MODIFICATION USAGE directoryOperation )',
  ),
  hidden(
    "( 1.3.6.1.4.1.4203.666.1.13 NAME 'namingCSN' DESC 'change sequence number of the entry naming (RDN)' " +
      'EQUALITY CSNMatch ORDERING CSNOrderingMatch SYNTAX 1.3.6.1.4.1.4203.666.11.2.1{64} SINGLE-VALUE ' +
      'NO-USER-MODIFICATION USAGE directoryOperation )',
  ),
  hidden(
    "( 1.3.6.1.4.1.4203.666.1.23 NAME 'syncreplCookie' DESC 'syncrepl Cookie for shadow copy' EQUALITY " +
      'octetStringMatch ORDERING octetStringOrderingMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 SINGLE-VALUE ' +
      'NO-USER-MODIFICATION USAGE dSAOperation )',
  ),
  shown(
    "( 1.3.6.1.4.1.4203.666.1.25 NAME 'contextCSN' DESC 'the largest committed CSN of a context' EQUALITY " +
      'CSNMatch ORDERING CSNOrderingMatch SYNTAX 1.3.6.1.4.1.4203.666.11.2.1{64} NO-USER-MODIFICATION USAGE ' +
      'dSAOperation )',
  ),
  shown(
    "( 1.3.6.1.4.1.1466.101.120.6 NAME 'altServer' DESC 'RFC4512: alternative servers' SYNTAX " +
      '1.3.6.1.4.1.1466.115.121.1.26 USAGE dSAOperation )',
  ),
  shown(
    "( 1.3.6.1.4.1.1466.101.120.5 NAME 'namingContexts' DESC 'RFC4512: naming contexts' EQUALITY " +
      'distinguishedNameMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.12 USAGE dSAOperation )',
  ),
  shown(
    "( 1.3.6.1.4.1.1466.101.120.13 NAME 'supportedControl' DESC 'RFC4512: supported controls' SYNTAX " +
      '1.3.6.1.4.1.1466.115.121.1.38 USAGE dSAOperation )',
  ),
  shown(
    "( 1.3.6.1.4.1.1466.101.120.7 NAME 'supportedExtension' DESC 'RFC4512: supported extended operations' " +
      'SYNTAX 1.3.6.1.4.1.1466.115.121.1.38 USAGE dSAOperation )',
  ),
  shown(
    "( 1.3.6.1.4.1.1466.101.120.15 NAME 'supportedLDAPVersion' DESC 'RFC4512: supported LDAP versions' SYNTAX " +
      '1.3.6.1.4.1.1466.115.121.1.27 USAGE dSAOperation )',
  ),
  shown(
    "( 1.3.6.1.4.1.1466.101.120.14 NAME 'supportedSASLMechanisms' DESC 'RFC4512: supported SASL mechanisms' " +
      'SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 USAGE dSAOperation )',
  ),
  shown(
    "( 1.3.6.1.4.1.4203.1.3.5 NAME 'supportedFeatures' DESC 'RFC4512: features supported by the server' " +
      'EQUALITY objectIdentifierMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.38 USAGE dSAOperation )',
  ),
  hidden(
    "( 1.3.6.1.4.1.4203.666.1.10 NAME 'monitorContext' DESC 'monitor context' SYNTAX " +
      '1.3.6.1.4.1.1466.115.121.1.12 EQUALITY distinguishedNameMatch SINGLE-VALUE NO-USER-MODIFICATION USAGE ' +
      'dSAOperation )',
  ),
  hidden(
    "( 1.3.6.1.4.1.4203.1.12.2.1 NAME 'configContext' DESC 'config context' SYNTAX " +
      '1.3.6.1.4.1.1466.115.121.1.12 EQUALITY distinguishedNameMatch SINGLE-VALUE NO-USER-MODIFICATION USAGE ' +
      'dSAOperation )',
  ),
  shown(
    "( 1.3.6.1.1.4 NAME 'vendorName' DESC 'RFC3045: name of implementation vendor' EQUALITY caseExactMatch " +
      'SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE NO-USER-MODIFICATION USAGE dSAOperation )',
  ),
  shown(
    "( 1.3.6.1.1.5 NAME 'vendorVersion' DESC 'RFC3045: version of implementation' EQUALITY caseExactMatch " +
      'SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE NO-USER-MODIFICATION USAGE dSAOperation )',
  ),
  hidden(
    "( 2.5.18.5 NAME 'administrativeRole' DESC 'RFC3672: administrative role' EQUALITY objectIdentifierMatch " +
      'USAGE directoryOperation SYNTAX 1.3.6.1.4.1.1466.115.121.1.38 )',
  ),
  hidden(
    "( 2.5.18.6 NAME 'subtreeSpecification' DESC 'RFC3672: subtree specification' SINGLE-VALUE USAGE " +
      'directoryOperation SYNTAX 1.3.6.1.4.1.1466.115.121.1.45 )',
  ),
  hidden(
    "( 2.5.21.1 NAME 'dITStructureRules' DESC 'RFC4512: DIT structure rules' EQUALITY " +
      'integerFirstComponentMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.17 USAGE directoryOperation )',
  ),
  hidden(
    "( 2.5.21.2 NAME 'dITContentRules' DESC 'RFC4512: DIT content rules' EQUALITY " +
      'objectIdentifierFirstComponentMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.16 USAGE directoryOperation )',
  ),
  shown(
    "( 2.5.21.4 NAME 'matchingRules' DESC 'RFC4512: matching rules' EQUALITY " +
      'objectIdentifierFirstComponentMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.30 USAGE directoryOperation )',
  ),
  shown(
    "( 2.5.21.5 NAME 'attributeTypes' DESC 'RFC4512: attribute types' EQUALITY " +
      'objectIdentifierFirstComponentMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.3 USAGE directoryOperation )',
  ),
  shown(
    "( 2.5.21.6 NAME 'objectClasses' DESC 'RFC4512: object classes' EQUALITY " +
      'objectIdentifierFirstComponentMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.37 USAGE directoryOperation )',
  ),
  hidden(
    "( 2.5.21.7 NAME 'nameForms' DESC 'RFC4512: name forms ' EQUALITY objectIdentifierFirstComponentMatch " +
      'SYNTAX 1.3.6.1.4.1.1466.115.121.1.35 USAGE directoryOperation )',
  ),
  shown(
    "( 2.5.21.8 NAME 'matchingRuleUse' DESC 'RFC4512: matching rule uses' EQUALITY " +
      'objectIdentifierFirstComponentMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.31 USAGE directoryOperation )',
  ),
  shown(
    "( 1.3.6.1.4.1.1466.101.120.16 NAME 'ldapSyntaxes' DESC 'RFC4512: LDAP syntaxes' EQUALITY " +
      'objectIdentifierFirstComponentMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.54 USAGE directoryOperation )',
  ),
  shown(
    "( 2.5.4.1 NAME ( 'aliasedObjectName' 'aliasedEntryName' ) DESC 'RFC4512: name of aliased object' " +
      'EQUALITY distinguishedNameMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.12 SINGLE-VALUE )',
  ),
  shown(
    "( 2.16.840.1.113730.3.1.34 NAME 'ref' DESC 'RFC3296: subordinate referral URL' EQUALITY caseExactMatch " +
      'SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 USAGE distributedOperation )',
  ),
  hidden(
    "( 1.3.6.1.4.1.4203.1.3.1 NAME 'entry' DESC 'OpenLDAP ACL entry pseudo-attribute' SYNTAX " +
      '1.3.6.1.4.1.4203.1.1.1 SINGLE-VALUE NO-USER-MODIFICATION USAGE dSAOperation )',
  ),
  hidden(
    "( 1.3.6.1.4.1.4203.1.3.2 NAME 'children' DESC 'OpenLDAP ACL children pseudo-attribute' SYNTAX " +
      '1.3.6.1.4.1.4203.1.1.1 SINGLE-VALUE NO-USER-MODIFICATION USAGE dSAOperation )',
  ),
  hidden(
    "( 1.3.6.1.4.1.4203.666.1.8 NAME ( 'authzTo' 'saslAuthzTo' ) DESC 'proxy authorization targets' EQUALITY " +
      "authzMatch SYNTAX 1.3.6.1.4.1.4203.666.2.7 X-ORDERED 'VALUES' USAGE distributedOperation )",
  ),
  hidden(
    "( 1.3.6.1.4.1.4203.666.1.9 NAME ( 'authzFrom' 'saslAuthzFrom' ) DESC 'proxy authorization sources' " +
      "EQUALITY authzMatch SYNTAX 1.3.6.1.4.1.4203.666.2.7 X-ORDERED 'VALUES' USAGE distributedOperation )",
  ),
  shown(
    "( 1.3.6.1.4.1.1466.101.119.3 NAME 'entryTtl' DESC 'RFC2589: entry time-to-live' SYNTAX " +
      '1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE NO-USER-MODIFICATION USAGE dSAOperation )',
  ),
  shown(
    "( 1.3.6.1.4.1.1466.101.119.4 NAME 'dynamicSubtrees' DESC 'RFC2589: dynamic subtrees' SYNTAX " +
      '1.3.6.1.4.1.1466.115.121.1.12 NO-USER-MODIFICATION USAGE dSAOperation )',
  ),
  shown(
    "( 2.5.4.49 NAME 'distinguishedName' DESC 'RFC4519: common supertype of DN attributes' EQUALITY " +
      'distinguishedNameMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.12 )',
  ),
  shown(
    "( 2.5.4.41 NAME 'name' DESC 'RFC4519: common supertype of name attributes' EQUALITY caseIgnoreMatch " +
      'SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15{32768} )',
  ),
  shown("( 2.5.4.3 NAME ( 'cn' 'commonName' ) DESC 'RFC4519: common name(s) for which the entity is known by' SUP " + 'name )'),
  shown(
    "( 0.9.2342.19200300.100.1.1 NAME ( 'uid' 'userid' ) DESC 'RFC4519: user identifier' EQUALITY " +
      'caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15{256} )',
  ),
  shown(
    "( 1.3.6.1.1.1.1.0 NAME 'uidNumber' DESC " +
      "'RFC2307: An integer uniquely identifying a user in an administrative domain' EQUALITY integerMatch " +
      'ORDERING integerOrderingMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )',
  ),
  shown(
    "( 1.3.6.1.1.1.1.1 NAME 'gidNumber' DESC " +
      "'RFC2307: An integer uniquely identifying a group in an administrative domain' EQUALITY integerMatch " +
      'ORDERING integerOrderingMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )',
  ),
  shown(
    "( 2.5.4.35 NAME 'userPassword' DESC 'RFC4519/2307: password of user' EQUALITY octetStringMatch SYNTAX " +
      '1.3.6.1.4.1.1466.115.121.1.40{128} )',
  ),
  shown(
    "( 1.3.6.1.4.1.250.1.57 NAME 'labeledURI' DESC 'RFC2079: Uniform Resource Identifier with optional label' " +
      'EQUALITY caseExactMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )',
  ),
  shown(
    "( 2.5.4.13 NAME 'description' DESC 'RFC4519: descriptive information' EQUALITY caseIgnoreMatch SUBSTR " +
      'caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15{1024} )',
  ),
  shown("( 2.5.4.34 NAME 'seeAlso' DESC 'RFC4519: DN of related object' SUP distinguishedName )"),
  shown(
    "( 1.3.6.1.4.1.4203.666.1.60 NAME 'pKCS8PrivateKey' DESC 'PKCS#8 PrivateKeyInfo, use ;binary' EQUALITY " +
      'privateKeyMatch SYNTAX 1.2.840.113549.1.8.1.1 )',
  ),
  shown(
    "( 1.3.6.1.4.1.42.2.27.8.1.29 NAME 'pwdLastSuccess' DESC " +
      "'The timestamp of the last successful authentication' EQUALITY generalizedTimeMatch ORDERING " +
      'generalizedTimeOrderingMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.24 SINGLE-VALUE NO-USER-MODIFICATION ' +
      'USAGE directoryOperation )',
  ),
  hidden(
    "( 1.3.6.1.4.1.4203.666.1.55.1 NAME 'monitoredInfo' DESC 'monitored info' EQUALITY caseIgnoreMatch SUBSTR " +
      'caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15{32768} NO-USER-MODIFICATION USAGE ' +
      'dSAOperation )',
  ),
  hidden("( 1.3.6.1.4.1.4203.666.1.55.2 NAME 'managedInfo' DESC 'monitor managed info' SUP name )"),
  hidden(
    "( 1.3.6.1.4.1.4203.666.1.55.3 NAME 'monitorCounter' DESC 'monitor counter' EQUALITY integerMatch " +
      'ORDERING integerOrderingMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 NO-USER-MODIFICATION USAGE ' +
      'dSAOperation )',
  ),
  hidden(
    "( 1.3.6.1.4.1.4203.666.1.55.4 NAME 'monitorOpCompleted' DESC 'monitor completed operations' SUP " +
      'monitorCounter NO-USER-MODIFICATION USAGE dSAOperation )',
  ),
  hidden(
    "( 1.3.6.1.4.1.4203.666.1.55.5 NAME 'monitorOpInitiated' DESC 'monitor initiated operations' SUP " +
      'monitorCounter NO-USER-MODIFICATION USAGE dSAOperation )',
  ),
  hidden(
    "( 1.3.6.1.4.1.4203.666.1.55.6 NAME 'monitorConnectionNumber' DESC 'monitor connection number' SUP " +
      'monitorCounter NO-USER-MODIFICATION USAGE dSAOperation )',
  ),
  hidden(
    "( 1.3.6.1.4.1.4203.666.1.55.7 NAME 'monitorConnectionAuthzDN' DESC 'monitor connection authorization DN' " +
      'EQUALITY distinguishedNameMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.12 NO-USER-MODIFICATION USAGE ' +
      'dSAOperation )',
  ),
  hidden(
    "( 1.3.6.1.4.1.4203.666.1.55.8 NAME 'monitorConnectionLocalAddress' DESC " +
      "'monitor connection local address' SUP monitoredInfo NO-USER-MODIFICATION USAGE dSAOperation )",
  ),
  hidden(
    "( 1.3.6.1.4.1.4203.666.1.55.9 NAME 'monitorConnectionPeerAddress' DESC 'monitor connection peer address' " +
      'SUP monitoredInfo NO-USER-MODIFICATION USAGE dSAOperation )',
  ),
  hidden(
    "( 1.3.6.1.4.1.4203.666.1.55.10 NAME 'monitorTimestamp' DESC 'monitor timestamp' EQUALITY " +
      'generalizedTimeMatch ORDERING generalizedTimeOrderingMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.24 ' +
      'SINGLE-VALUE NO-USER-MODIFICATION USAGE dSAOperation )',
  ),
  hidden(
    "( 1.3.6.1.4.1.4203.666.1.55.11 NAME 'monitorOverlay' DESC " +
      "'name of overlays defined for a given database' SUP monitoredInfo NO-USER-MODIFICATION USAGE " +
      'dSAOperation )',
  ),
  hidden(
    "( 1.3.6.1.4.1.4203.666.1.55.12 NAME 'readOnly' DESC 'read/write status of a given database' EQUALITY " +
      'booleanMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.7 SINGLE-VALUE USAGE dSAOperation )',
  ),
  hidden(
    "( 1.3.6.1.4.1.4203.666.1.55.13 NAME 'restrictedOperation' DESC " +
      "'name of restricted operation for a given database' SUP managedInfo )",
  ),
  hidden(
    "( 1.3.6.1.4.1.4203.666.1.55.14 NAME 'monitorConnectionProtocol' DESC 'monitor connection protocol' SUP " +
      'monitoredInfo NO-USER-MODIFICATION USAGE dSAOperation )',
  ),
  hidden(
    "( 1.3.6.1.4.1.4203.666.1.55.15 NAME 'monitorConnectionOpsReceived' DESC " +
      "'monitor number of operations received by the connection' SUP monitorCounter NO-USER-MODIFICATION USAGE " +
      'dSAOperation )',
  ),
  hidden(
    "( 1.3.6.1.4.1.4203.666.1.55.16 NAME 'monitorConnectionOpsExecuting' DESC " +
      "'monitor number of operations in execution within the connection' SUP monitorCounter " +
      'NO-USER-MODIFICATION USAGE dSAOperation )',
  ),
  hidden(
    "( 1.3.6.1.4.1.4203.666.1.55.17 NAME 'monitorConnectionOpsPending' DESC " +
      "'monitor number of pending operations within the connection' SUP monitorCounter NO-USER-MODIFICATION " +
      'USAGE dSAOperation )',
  ),
  hidden(
    "( 1.3.6.1.4.1.4203.666.1.55.18 NAME 'monitorConnectionOpsCompleted' DESC " +
      "'monitor number of operations completed within the connection' SUP monitorCounter NO-USER-MODIFICATION " +
      'USAGE dSAOperation )',
  ),
  hidden(
    "( 1.3.6.1.4.1.4203.666.1.55.19 NAME 'monitorConnectionGet' DESC " +
      "'number of times connection_get() was called so far' SUP monitorCounter NO-USER-MODIFICATION USAGE " +
      'dSAOperation )',
  ),
  hidden(
    "( 1.3.6.1.4.1.4203.666.1.55.20 NAME 'monitorConnectionRead' DESC " +
      "'number of times connection_read() was called so far' SUP monitorCounter NO-USER-MODIFICATION USAGE " +
      'dSAOperation )',
  ),
  hidden(
    "( 1.3.6.1.4.1.4203.666.1.55.21 NAME 'monitorConnectionWrite' DESC " +
      "'number of times connection_write() was called so far' SUP monitorCounter NO-USER-MODIFICATION USAGE " +
      'dSAOperation )',
  ),
  hidden(
    "( 1.3.6.1.4.1.4203.666.1.55.22 NAME 'monitorConnectionMask' DESC 'monitor connection mask' SUP " +
      'monitoredInfo NO-USER-MODIFICATION USAGE dSAOperation )',
  ),
  hidden(
    "( 1.3.6.1.4.1.4203.666.1.55.23 NAME 'monitorConnectionListener' DESC 'monitor connection listener' SUP " +
      'monitoredInfo NO-USER-MODIFICATION USAGE dSAOperation )',
  ),
  hidden(
    "( 1.3.6.1.4.1.4203.666.1.55.24 NAME 'monitorConnectionPeerDomain' DESC 'monitor connection peer domain' " +
      'SUP monitoredInfo NO-USER-MODIFICATION USAGE dSAOperation )',
  ),
  hidden(
    "( 1.3.6.1.4.1.4203.666.1.55.25 NAME 'monitorConnectionStartTime' DESC 'monitor connection start time' " +
      'SUP monitorTimestamp SINGLE-VALUE NO-USER-MODIFICATION USAGE dSAOperation )',
  ),
  hidden(
    "( 1.3.6.1.4.1.4203.666.1.55.26 NAME 'monitorConnectionActivityTime' DESC " +
      "'monitor connection activity time' SUP monitorTimestamp SINGLE-VALUE NO-USER-MODIFICATION USAGE " +
      'dSAOperation )',
  ),
  hidden(
    "( 1.3.6.1.4.1.4203.666.1.55.27 NAME 'monitorIsShadow' DESC 'TRUE if the database is shadow' EQUALITY " +
      'booleanMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.7 SINGLE-VALUE USAGE dSAOperation )',
  ),
  hidden(
    "( 1.3.6.1.4.1.4203.666.1.55.28 NAME 'monitorUpdateRef' DESC 'update referral for shadow databases' SUP " +
      'monitoredInfo SINGLE-VALUE USAGE dSAOperation )',
  ),
  hidden(
    "( 1.3.6.1.4.1.4203.666.1.55.29 NAME 'monitorRuntimeConfig' DESC " +
      "'TRUE if component allows runtime configuration' EQUALITY booleanMatch SYNTAX " +
      '1.3.6.1.4.1.1466.115.121.1.7 SINGLE-VALUE USAGE dSAOperation )',
  ),
  hidden(
    "( 1.3.6.1.4.1.4203.666.1.55.30 NAME 'monitorSuperiorDN' DESC 'monitor superior DN' EQUALITY " +
      'distinguishedNameMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.12 NO-USER-MODIFICATION USAGE dSAOperation )',
  ),
  hidden(
    "( 1.3.6.1.4.1.4203.666.1.55.31 NAME 'monitorConnectionOpsAsync' DESC " +
      "'monitor number of asynchronous operations in execution within the connection' SUP monitorCounter " +
      'NO-USER-MODIFICATION USAGE dSAOperation )',
  ),
];

export const systemObjectClasses: readonly SystemDefinition[] = [
  shown("( 2.5.6.0 NAME 'top' DESC 'top of the superclass chain' ABSTRACT MUST objectClass )"),
  shown("( 1.3.6.1.4.1.1466.101.120.111 NAME 'extensibleObject' DESC 'RFC4512: extensible object' SUP top " + 'AUXILIARY )'),
  shown("( 2.5.6.1 NAME 'alias' DESC 'RFC4512: an alias' SUP top STRUCTURAL MUST aliasedObjectName )"),
  shown(
    "( 2.16.840.1.113730.3.2.6 NAME 'referral' DESC 'namedref: named subordinate referral' SUP top STRUCTURAL " + 'MUST ref )',
  ),
  shown(
    "( 1.3.6.1.4.1.4203.1.4.1 NAME ( 'OpenLDAProotDSE' 'LDAProotDSE' ) DESC 'OpenLDAP Root DSE object' SUP " +
      'top STRUCTURAL MAY cn )',
  ),
  shown("( 2.5.17.0 NAME 'subentry' DESC 'RFC3672: subentry' SUP top STRUCTURAL MUST ( cn $ subtreeSpecification " + ') )'),
  shown(
    "( 2.5.20.1 NAME 'subschema' DESC 'RFC4512: controlling subschema (sub)entry' AUXILIARY MAY ( " +
      'dITStructureRules $ nameForms $ dITContentRules $ objectClasses $ attributeTypes $ matchingRules $ ' +
      'matchingRuleUse ) )',
  ),
  shown("( 1.3.6.1.4.1.1466.101.119.2 NAME 'dynamicObject' DESC 'RFC2589: Dynamic Object' SUP top AUXILIARY )"),
  hidden("( 1.3.6.1.4.1.4203.666.3.4 NAME 'glue' DESC 'Glue Entry' SUP top STRUCTURAL )"),
  hidden(
    "( 1.3.6.1.4.1.4203.666.3.5 NAME 'syncConsumerSubentry' DESC 'Persistent Info for SyncRepl Consumer' " +
      'AUXILIARY MAY syncreplCookie )',
  ),
  hidden(
    "( 1.3.6.1.4.1.4203.666.3.6 NAME 'syncProviderSubentry' DESC 'Persistent Info for SyncRepl Producer' " +
      'AUXILIARY MAY contextCSN )',
  ),
  hidden(
    "( 1.3.6.1.4.1.4203.666.3.16.1 NAME 'monitor' DESC 'OpenLDAP system monitoring' SUP top STRUCTURAL MUST " +
      'cn MAY ( description $ seeAlso $ labeledURI $ monitoredInfo $ managedInfo $ monitorOverlay ) )',
  ),
  hidden("( 1.3.6.1.4.1.4203.666.3.16.2 NAME 'monitorServer' DESC 'Server monitoring root entry' SUP monitor " + 'STRUCTURAL )'),
  hidden("( 1.3.6.1.4.1.4203.666.3.16.3 NAME 'monitorContainer' DESC 'monitor container class' SUP monitor " + 'STRUCTURAL )'),
  hidden("( 1.3.6.1.4.1.4203.666.3.16.4 NAME 'monitorCounterObject' DESC 'monitor counter class' SUP monitor " + 'STRUCTURAL )'),
  hidden("( 1.3.6.1.4.1.4203.666.3.16.5 NAME 'monitorOperation' DESC 'monitor operation class' SUP monitor " + 'STRUCTURAL )'),
  hidden("( 1.3.6.1.4.1.4203.666.3.16.6 NAME 'monitorConnection' DESC 'monitor connection class' SUP monitor " + 'STRUCTURAL )'),
  hidden("( 1.3.6.1.4.1.4203.666.3.16.7 NAME 'managedObject' DESC 'monitor managed entity class' SUP monitor " + 'STRUCTURAL )'),
  hidden(
    "( 1.3.6.1.4.1.4203.666.3.16.8 NAME 'monitoredObject' DESC 'monitor monitored entity class' SUP monitor " + 'STRUCTURAL )',
  ),
];
