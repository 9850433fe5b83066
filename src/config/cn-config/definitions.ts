/**
 * The schema of cn=config: what its entries are made of, so that they can be read, searched and changed over LDAP. slapd knows it from
 * its configuration tables.
 */
import { classAttributes, type ClassAttributes } from './class-attributes.js';

/** What every OID here begins with. */
export const configArc = '1.3.6.1.4.1.4203.1.12.2.';

/** OID, names, syntax or superior type; `single`: one value; `ordered`: values carry their number. */
const attributeTable = `
OLcfgBkAt:12.1 olcBkMdbIdlExp integer single
OLcfgCtAt:8.1 olcSkeletonPath text single
OLcfgCtAt:8.2 olcMinimumUidNumber integer single
OLcfgCtAt:8.3 olcHomedirRegexp text ordered
OLcfgCtAt:8.4 olcHomedirDeleteStyle text single
OLcfgCtAt:8.5 olcHomedirArchivePath text single
OLcfgDbAt:0.1 olcDbDirectory text single
OLcfgDbAt:0.2 olcDbIndex text
OLcfgDbAt:0.3 olcDbMode text single
OLcfgDbAt:0.4 olcLastMod boolean single
OLcfgDbAt:0.5 olcLimits text ordered
OLcfgDbAt:0.6 olcMaxDerefDepth integer single
OLcfgDbAt:0.7 olcReplica text ordered
OLcfgDbAt:0.8 olcRootDN name single
OLcfgDbAt:0.9 olcRootPW octets single
OLcfgDbAt:0.10 olcSuffix name
OLcfgDbAt:0.11 olcSyncrepl text ordered
OLcfgDbAt:0.12 olcUpdateDN name single
OLcfgDbAt:0.13 olcUpdateRef text
OLcfgDbAt:0.14 olcDbURI text single
OLcfgDbAt:0.15 olcSubordinate text single
OLcfgDbAt:0.16 olcMirrorMode/olcMultiProvider boolean single
OLcfgDbAt:0.17 olcHidden boolean single
OLcfgDbAt:0.18 olcMonitoring boolean single
OLcfgDbAt:0.19 olcSyncUseSubentry boolean single
OLcfgDbAt:0.20 olcExtraAttrs text
OLcfgDbAt:0.21 olcDisabled boolean single
OLcfgDbAt:0.22 olcLastBind boolean single
OLcfgDbAt:0.23 olcLastBindPrecision integer single
OLcfgDbAt:0.24 olcLastBindSendAssert boolean single
OLcfgDbAt:1.1 olcDbCacheSize integer single
OLcfgDbAt:1.2 olcDbCheckpoint text single
OLcfgDbAt:1.3 olcDbConfig ia5 ordered
OLcfgDbAt:1.4 olcDbNoSync boolean single
OLcfgDbAt:1.5 olcDbDirtyRead boolean single
OLcfgDbAt:1.6 olcDbIDLcacheSize integer single
OLcfgDbAt:1.7 olcDbLinearIndex boolean single
OLcfgDbAt:1.8 olcDbLockDetect text single
OLcfgDbAt:1.9 olcDbSearchStack integer single
OLcfgDbAt:1.10 olcDbShmKey integer single
OLcfgDbAt:1.11 olcDbCacheFree integer single
OLcfgDbAt:1.12 olcDbDNcacheSize integer single
OLcfgDbAt:1.13 olcDbCryptFile text single
OLcfgDbAt:1.14 olcDbCryptKey octets single
OLcfgDbAt:1.15 olcDbPageSize integer single
OLcfgDbAt:1.16 olcDbChecksum boolean single
OLcfgDbAt:3.1 olcDbStartTLS text single
OLcfgDbAt:3.2 olcDbACLAuthcDn name single
OLcfgDbAt:3.3 olcDbACLPasswd text single
OLcfgDbAt:3.4 olcDbACLBind text single
OLcfgDbAt:3.5 olcDbIDAssertAuthcDn name single
OLcfgDbAt:3.6 olcDbIDAssertPasswd text single
OLcfgDbAt:3.7 olcDbIDAssertBind text single
OLcfgDbAt:3.8 olcDbIDAssertMode text single
OLcfgDbAt:3.9 olcDbIDAssertAuthzFrom text ordered
OLcfgDbAt:3.10 olcDbRebindAsUser boolean single
OLcfgDbAt:3.11 olcDbChaseReferrals boolean single
OLcfgDbAt:3.12 olcDbTFSupport text single
OLcfgDbAt:3.13 olcDbProxyWhoAmI boolean single
OLcfgDbAt:3.14 olcDbTimeout text single
OLcfgDbAt:3.15 olcDbIdleTimeout text single
OLcfgDbAt:3.16 olcDbConnTtl text single
OLcfgDbAt:3.17 olcDbNetworkTimeout text single
OLcfgDbAt:3.18 olcDbProtocolVersion integer single
OLcfgDbAt:3.19 olcDbSingleConn boolean single
OLcfgDbAt:3.20 olcDbCancel text single
OLcfgDbAt:3.21 olcDbQuarantine text single
OLcfgDbAt:3.22 olcDbUseTemporaryConn boolean single
OLcfgDbAt:3.23 olcDbConnectionPoolMax integer single
OLcfgDbAt:3.24 olcDbSessionTrackingRequest boolean single
OLcfgDbAt:3.25 olcDbNoRefs boolean single
OLcfgDbAt:3.26 olcDbNoUndefFilter boolean single
OLcfgDbAt:3.27 olcDbIDAssertPassThru text ordered
OLcfgDbAt:3.28 olcDbRemoveUnknownSchema boolean single
OLcfgDbAt:3.29 olcDbKeepalive text single
OLcfgDbAt:3.30 olcDbTcpUserTimeout integer single
OLcfgDbAt:3.100 olcMetaSub text single
OLcfgDbAt:3.101 olcDbRewrite text ordered
OLcfgDbAt:3.102 olcDbMap text ordered
OLcfgDbAt:3.103 olcDbSubtreeExclude text
OLcfgDbAt:3.104 olcDbSubtreeInclude text
OLcfgDbAt:3.105 olcDbDefaultTarget text single
OLcfgDbAt:3.106 olcDbDnCacheTtl text single
OLcfgDbAt:3.107 olcDbBindTimeout integer single
OLcfgDbAt:3.108 olcDbOnErr text single
OLcfgDbAt:3.109 olcDbPseudoRootBindDefer boolean single
OLcfgDbAt:3.110 olcDbNretries text single
OLcfgDbAt:3.111 olcDbClientPr text single
OLcfgDbAt:3.112 olcDbFilter text
OLcfgDbAt:3.113 olcDbMaxPendingOps integer single
OLcfgDbAt:3.114 olcDbMaxTargetConns integer single
OLcfgDbAt:3.115 olcDbMaxTimeoutOps integer single
OLcfgDbAt:3.116 olcAsyncMetaSub text single
OLcfgDbAt:3.117 olcDbSuffixMassage text single
OLcfgDbAt:5.1 olcRelay name single
OLcfgDbAt:6.1 olcDbHost text single
OLcfgDbAt:6.2 olcDbName text single
OLcfgDbAt:6.3 olcDbUser text single
OLcfgDbAt:6.4 olcDbPass text single
OLcfgDbAt:6.20 olcSqlConcatPattern text single
OLcfgDbAt:6.21 olcSqlSubtreeCond text single
OLcfgDbAt:6.22 olcSqlChildrenCond text single
OLcfgDbAt:6.23 olcSqlDnMatchCond text single
OLcfgDbAt:6.24 olcSqlOcQuery text single
OLcfgDbAt:6.25 olcSqlAtQuery text single
OLcfgDbAt:6.26 olcSqlInsEntryStmt text single
OLcfgDbAt:6.27 olcSqlCreateNeedsSelect boolean single
OLcfgDbAt:6.28 olcSqlUpperFunc text single
OLcfgDbAt:6.29 olcSqlUpperNeedsCast boolean single
OLcfgDbAt:6.30 olcSqlStrcastFunc text single
OLcfgDbAt:6.31 olcSqlDelEntryStmt text single
OLcfgDbAt:6.32 olcSqlRenEntryStmt text single
OLcfgDbAt:6.33 olcSqlDelObjclassesStmt text single
OLcfgDbAt:6.34 olcSqlHasLDAPinfoDnRu boolean single
OLcfgDbAt:6.35 olcSqlFailIfNoMapping boolean single
OLcfgDbAt:6.36 olcSqlAllowOrphans boolean single
OLcfgDbAt:6.37 olcSqlBaseObject text single
OLcfgDbAt:6.38 olcSqlLayer text
OLcfgDbAt:6.39 olcSqlUseSubtreeShortcut boolean single
OLcfgDbAt:6.40 olcSqlFetchAllAttrs boolean single
OLcfgDbAt:6.41 olcSqlFetchAttrs text single
OLcfgDbAt:6.42 olcSqlCheckSchema boolean single
OLcfgDbAt:6.43 olcSqlAliasingKeyword text single
OLcfgDbAt:6.44 olcSqlAliasingQuote text single
OLcfgDbAt:6.45 olcSqlAutocommit boolean single
OLcfgDbAt:6.46 olcSqlIdQuery text single
OLcfgDbAt:7.1 olcDbSocketPath text single
OLcfgDbAt:7.2 olcDbSocketExtensions text
OLcfgDbAt:7.3 olcOvSocketOps text
OLcfgDbAt:7.4 olcOvSocketResps text
OLcfgDbAt:7.5 olcOvSocketDNpat text single
OLcfgDbAt:8.1 olcDbBindAllowed boolean single
OLcfgDbAt:8.2 olcDbDoSearch boolean single
OLcfgDbAt:9.1 olcPasswdFile text single
OLcfgDbAt:10.1 olcShellBind text single
OLcfgDbAt:10.2 olcShellUnbind text single
OLcfgDbAt:10.3 olcShellSearch text single
OLcfgDbAt:10.4 olcShellCompare text single
OLcfgDbAt:10.5 olcShellModify text single
OLcfgDbAt:10.6 olcShellModRDN text single
OLcfgDbAt:10.7 olcShellAdd text single
OLcfgDbAt:10.8 olcShellDelete text single
OLcfgDbAt:11.1 olcPerlModule text single
OLcfgDbAt:11.2 olcPerlModulePath text
OLcfgDbAt:11.3 olcPerlFilterSearchResults boolean single
OLcfgDbAt:11.4 olcPerlModuleConfig text
OLcfgDbAt:12.1 olcDbMaxReaders integer single
OLcfgDbAt:12.2 olcDbMaxSize integer single
OLcfgDbAt:12.3 olcDbEnvFlags text
OLcfgDbAt:12.4 olcDbMaxEntrySize integer single
OLcfgDbAt:12.5 olcDbRtxnSize integer single
OLcfgDbAt:12.6 olcDbMultival text
OLcfgDbAt:12.7 olcDbCryptoModule text single
OLcfgDbAt:12.8 olcDbPassphrase text single
OLcfgDbAt:13.1 olcWtConfig text single
OLcfgDbAt:13.2 olcIDLcache boolean single
OLcfgGlAt:1 olcAccess text ordered
OLcfgGlAt:2 olcAllows text
OLcfgGlAt:3 olcArgsFile text single
OLcfgGlAt:4 olcAttributeTypes text ordered
OLcfgGlAt:5 olcAttributeOptions text
OLcfgGlAt:6 olcAuthIDRewrite text ordered
OLcfgGlAt:7 olcAuthzPolicy text single
OLcfgGlAt:8 olcAuthzRegexp text ordered
OLcfgGlAt:9 olcBackend text single
OLcfgGlAt:10 olcConcurrency integer single
OLcfgGlAt:11 olcConnMaxPending integer single
OLcfgGlAt:12 olcConnMaxPendingAuth integer single
OLcfgGlAt:13 olcDatabase sup=olcBackend single
OLcfgGlAt:14 olcDefaultSearchBase name single
OLcfgGlAt:15 olcDisallows text
OLcfgGlAt:16 olcDitContentRules text ordered
OLcfgGlAt:17 olcGentleHUP boolean single
OLcfgGlAt:18 olcIdleTimeout integer single
OLcfgGlAt:19 olcInclude text
OLcfgGlAt:20 olcIndexSubstrIfMinLen integer single
OLcfgGlAt:21 olcIndexSubstrIfMaxLen integer single
OLcfgGlAt:22 olcIndexSubstrAnyLen integer single
OLcfgGlAt:23 olcIndexSubstrAnyStep integer single
OLcfgGlAt:26 olcLocalSSF integer single
OLcfgGlAt:27 olcLogFile text single
OLcfgGlAt:28 olcLogLevel text
OLcfgGlAt:30 olcModuleLoad text ordered
OLcfgGlAt:31 olcModulePath text single
OLcfgGlAt:32 olcObjectClasses text ordered
OLcfgGlAt:33 olcObjectIdentifier text ordered
OLcfgGlAt:34 olcOverlay sup=olcDatabase single
OLcfgGlAt:35 olcPasswordCryptSaltFormat text single
OLcfgGlAt:36 olcPasswordHash text
OLcfgGlAt:37 olcPidFile text single
OLcfgGlAt:38 olcPlugin text ordered
OLcfgGlAt:39 olcPluginLogFile text single
OLcfgGlAt:40 olcReadOnly boolean single
OLcfgGlAt:41 olcReferral text single
OLcfgGlAt:43 olcReplicaArgsFile text single
OLcfgGlAt:44 olcReplicaPidFile text single
OLcfgGlAt:45 olcReplicationInterval integer single
OLcfgGlAt:46 olcReplogFile text single
OLcfgGlAt:47 olcRequires text
OLcfgGlAt:48 olcRestrict text
OLcfgGlAt:49 olcReverseLookup boolean single
OLcfgGlAt:51 olcRootDSE text
OLcfgGlAt:53 olcSaslHost text single
OLcfgGlAt:54 olcSaslRealm text single
OLcfgGlAt:56 olcSaslSecProps text single
OLcfgGlAt:58 olcSchemaDN name single
OLcfgGlAt:59 olcSecurity text
OLcfgGlAt:60 olcSizeLimit text single
OLcfgGlAt:61 olcSockbufMaxIncoming integer single
OLcfgGlAt:62 olcSockbufMaxIncomingAuth integer single
OLcfgGlAt:66 olcThreads integer single
OLcfgGlAt:67 olcTimeLimit text single
OLcfgGlAt:68 olcTLSCACertificateFile text single
OLcfgGlAt:69 olcTLSCACertificatePath text single
OLcfgGlAt:70 olcTLSCertificateFile text single
OLcfgGlAt:71 olcTLSCertificateKeyFile text single
OLcfgGlAt:72 olcTLSCipherSuite text single
OLcfgGlAt:73 olcTLSCRLCheck text single
OLcfgGlAt:74 olcTLSRandFile text single
OLcfgGlAt:75 olcTLSVerifyClient text single
OLcfgGlAt:77 olcTLSDHParamFile text single
OLcfgGlAt:78 olcConfigFile text single
OLcfgGlAt:79 olcConfigDir text single
OLcfgGlAt:80 olcToolThreads integer single
OLcfgGlAt:81 olcServerID text
OLcfgGlAt:82 olcTLSCRLFile text single
OLcfgGlAt:83 olcSortVals text
OLcfgGlAt:84 olcIndexIntLen integer single
OLcfgGlAt:85 olcLdapSyntaxes text ordered
OLcfgGlAt:86 olcAddContentAcl boolean single
OLcfgGlAt:87 olcTLSProtocolMin text single
OLcfgGlAt:88 olcWriteTimeout integer single
OLcfgGlAt:89 olcSaslAuxprops text single
OLcfgGlAt:90 olcTCPBuffer text
OLcfgGlAt:91 olcSaslAuxpropsDontUseCopy text
OLcfgGlAt:92 olcSaslAuxpropsDontUseCopyIgnore boolean single
OLcfgGlAt:93 olcListenerThreads integer single
OLcfgGlAt:94 olcIndexHash64 boolean single
OLcfgGlAt:95 olcThreadQueues integer single
OLcfgGlAt:96 olcTLSECName text single
OLcfgGlAt:100 olcSaslCBinding text single
OLcfgGlAt:101 olcMaxFilterDepth integer single
OLcfgGlAt:102 olcLogFileOnly boolean single
OLcfgGlAt:103 olcLogFileRotate text single
OLcfgGlAt:104 olcLogFileFormat text single
OLcfgGlAt:105 olcRestrictOp text ordered
OLcfgOvAt:1.1 olcSpCheckpoint text single
OLcfgOvAt:1.2 olcSpSessionlog integer single
OLcfgOvAt:1.3 olcSpNoPresent boolean single
OLcfgOvAt:1.4 olcSpReloadHint boolean single
OLcfgOvAt:1.5 olcSpSessionlogSource name single
OLcfgOvAt:2.1 olcPcache/olcProxyCache text single
OLcfgOvAt:2.2 olcPcacheAttrset/olcProxyAttrset text
OLcfgOvAt:2.3 olcPcacheTemplate/olcProxyCacheTemplate text
OLcfgOvAt:2.4 olcPcachePosition text single
OLcfgOvAt:2.5 olcPcacheMaxQueries/olcProxyCacheQueries integer single
OLcfgOvAt:2.6 olcPcachePersist/olcProxySaveQueries boolean single
OLcfgOvAt:2.7 olcPcacheValidate/olcProxyCheckCacheability boolean single
OLcfgOvAt:2.8 olcPcacheOffline boolean single
OLcfgOvAt:2.9 olcPcacheBind text
OLcfgOvAt:3.1 olcChainingBehavior text single
OLcfgOvAt:3.2 olcChainCacheURI boolean single
OLcfgOvAt:3.3 olcChainMaxReferralDepth integer single
OLcfgOvAt:3.4 olcChainReturnError boolean single
OLcfgOvAt:4.1 olcAccessLogDB name single
OLcfgOvAt:4.2 olcAccessLogOps text
OLcfgOvAt:4.3 olcAccessLogPurge text single
OLcfgOvAt:4.4 olcAccessLogSuccess boolean single
OLcfgOvAt:4.5 olcAccessLogOld text single
OLcfgOvAt:4.6 olcAccessLogOldAttr text
OLcfgOvAt:4.7 olcAccessLogBase text
OLcfgOvAt:4.8 olcAccessLogPurgeBatch integer single
OLcfgOvAt:5.1 olcValSortAttr text
OLcfgOvAt:8.1 olcDynListAttrSet/olcDlAttrSet text ordered
OLcfgOvAt:8.2 olcDynListSimple boolean single
OLcfgOvAt:9.1 olcDDSstate boolean single
OLcfgOvAt:9.2 olcDDSmaxTtl text single
OLcfgOvAt:9.3 olcDDSminTtl text single
OLcfgOvAt:9.4 olcDDSdefaultTtl text single
OLcfgOvAt:9.5 olcDDSinterval text single
OLcfgOvAt:9.6 olcDDStolerance text single
OLcfgOvAt:9.7 olcDDSmaxDynamicObjects integer single
OLcfgOvAt:10.1 olcUniqueBase name single
OLcfgOvAt:10.2 olcUniqueIgnore text
OLcfgOvAt:10.3 olcUniqueAttribute text
OLcfgOvAt:10.4 olcUniqueStrict boolean single
OLcfgOvAt:10.5 olcUniqueURI text
OLcfgOvAt:11.1 olcRefintAttribute text
OLcfgOvAt:11.2 olcRefintNothing name single
OLcfgOvAt:11.3 olcRefintModifiersName name single
OLcfgOvAt:12.1 olcPPolicyDefault name single
OLcfgOvAt:12.2 olcPPolicyHashCleartext boolean single
OLcfgOvAt:12.3 olcPPolicyUseLockout boolean single
OLcfgOvAt:12.4 olcPPolicyForwardUpdates boolean single
OLcfgOvAt:12.5 olcPPolicyDisableWrite boolean single
OLcfgOvAt:12.6 olcPPolicySendNetscapeControls boolean single
OLcfgOvAt:12.7 olcPPolicyCheckModule ia5 single
OLcfgOvAt:12.8 olcPPolicyRuleObject text single
OLcfgOvAt:12.9 olcPPolicyRuleScope text single
OLcfgOvAt:12.10 olcPPolicyRuleRequirePassword boolean single
OLcfgOvAt:12.11 olcPPolicyRuleFilter text single
OLcfgOvAt:12.12 olcPPolicyRuleGroup text single
OLcfgOvAt:12.13 olcPPolicyRuleGroupOC text single
OLcfgOvAt:12.14 olcPPolicyRuleGroupAttr text single
OLcfgOvAt:12.15 olcPPolicyRulePolicy text single
OLcfgOvAt:12.16 olcPPolicyRuleAction text single
OLcfgOvAt:13.1 olcConstraintAttribute text
OLcfgOvAt:13.2 olcConstraintAllowEmpty boolean single
OLcfgOvAt:14.1 olcTranslucentStrict boolean single
OLcfgOvAt:14.2 olcTranslucentNoGlue boolean single
OLcfgOvAt:14.3 olcTranslucentLocal text
OLcfgOvAt:14.4 olcTranslucentRemote text
OLcfgOvAt:14.5 olcTranslucentBindLocal boolean single
OLcfgOvAt:14.6 olcTranslucentPwModLocal boolean single
OLcfgOvAt:15.1 olcAuditlogFile text single
OLcfgOvAt:15.2 olcAuditlogNonBlocking boolean single
OLcfgOvAt:16.1 olcRwmRewrite text ordered
OLcfgOvAt:16.2 olcRwmTFSupport text single
OLcfgOvAt:16.3 olcRwmMap text ordered
OLcfgOvAt:16.4 olcRwmNormalizeMapped boolean single
OLcfgOvAt:16.5 olcRwmDropUnrequested boolean single
OLcfgOvAt:17.1 olcDynGroupAttrPair/olcDGAttrPair text
OLcfgOvAt:18.0 olcMemberOfDN name single
OLcfgOvAt:18.1 olcMemberOfDangling text single
OLcfgOvAt:18.2 olcMemberOfRefInt boolean single
OLcfgOvAt:18.3 olcMemberOfGroupOC text single
OLcfgOvAt:18.4 olcMemberOfMemberAD text single
OLcfgOvAt:18.5 olcMemberOfMemberOfAD text single
OLcfgOvAt:18.6 olcMemberOfReverse boolean single
OLcfgOvAt:18.7 olcMemberOfDanglingError text single
OLcfgOvAt:18.8 olcMemberOfAddCheck boolean single
OLcfgOvAt:19.1 olcCollectInfo text
OLcfgOvAt:20.1 olcRetcodeParent name single
OLcfgOvAt:20.2 olcRetcodeItem text ordered
OLcfgOvAt:20.3 olcRetcodeInDir boolean single
OLcfgOvAt:20.4 olcRetcodeSleep integer single
OLcfgOvAt:21.1 olcSssVlvMax integer single
OLcfgOvAt:21.2 olcSssVlvMaxKeys integer single
OLcfgOvAt:21.3 olcSssVlvMaxPerConn integer single
OLcfgOvAt:22.1 olcAutoCAuserClass text single
OLcfgOvAt:22.2 olcAutoCAserverClass text single
OLcfgOvAt:22.3 olcAutoCAuserKeybits integer single
OLcfgOvAt:22.4 olcAutoCAserverKeybits integer single
OLcfgOvAt:22.5 olcAutoCAKeybits integer single
OLcfgOvAt:22.6 olcAutoCAuserDays integer single
OLcfgOvAt:22.7 olcAutoCAserverDays integer single
OLcfgOvAt:22.8 olcAutoCADays integer single
OLcfgOvAt:22.9 olcAutoCAlocalDN name single
OLcfgOvAt:24.1 olcRemoteAuthMapping text
OLcfgOvAt:24.2 olcRemoteAuthDNAttribute text single
OLcfgOvAt:24.3 olcRemoteAuthDomainAttribute text single
OLcfgOvAt:24.4 olcRemoteAuthDefaultDomain text single
OLcfgOvAt:24.5 olcRemoteAuthDefaultRealm text single
OLcfgOvAt:24.6 olcRemoteAuthStore boolean single
OLcfgOvAt:24.7 olcRemoteAuthRetryCount integer single
OLcfgOvAt:24.8 olcRemoteAuthTLS text single
OLcfgOvAt:24.9 olcRemoteAuthTLSPeerkeyHash text
OLcfgOvAt:25.1 olcNestGroupMember text single
OLcfgOvAt:25.2 olcNestGroupMemberOf text single
OLcfgOvAt:25.3 olcNestGroupBase name
OLcfgOvAt:25.4 olcNestGroupFlags text
`;

/** OID, names, superior class, kind where it is not structural. */
const classTable = `
OLcfgGlOc:0 olcConfig top abstract
OLcfgDbOc:3.3 olcMetaTargetConfig olcConfig
OLcfgDbOc:3.5 olcAsyncMetaTargetConfig olcConfig
OLcfgGlOc:1 olcGlobal olcConfig
OLcfgGlOc:2 olcSchemaConfig olcConfig
OLcfgGlOc:3 olcBackendConfig olcConfig
OLcfgBkOc:12.1 olcMdbBkConfig olcBackendConfig
OLcfgGlOc:4 olcDatabaseConfig olcConfig
OLcfgDbOc:1.1 olcBdbConfig olcDatabaseConfig
OLcfgDbOc:1.2 olcHdbConfig olcDatabaseConfig
OLcfgDbOc:2.1 olcLdifConfig olcDatabaseConfig
OLcfgDbOc:3.1 olcLDAPConfig olcDatabaseConfig
OLcfgDbOc:3.2 olcMetaConfig olcDatabaseConfig
OLcfgDbOc:3.4 olcAsyncMetaConfig olcDatabaseConfig
OLcfgDbOc:4.1 olcMonitorConfig olcDatabaseConfig
OLcfgDbOc:5.1 olcRelayConfig olcDatabaseConfig
OLcfgDbOc:6.1 olcSqlConfig olcDatabaseConfig
OLcfgDbOc:7.1 olcDbSocketConfig olcDatabaseConfig
OLcfgDbOc:8.1 olcNullConfig olcDatabaseConfig
OLcfgDbOc:9.1 olcPasswdConfig olcDatabaseConfig
OLcfgDbOc:10.1 olcShellConfig olcDatabaseConfig
OLcfgDbOc:11.1 olcDbPerlConfig olcDatabaseConfig
OLcfgDbOc:12.1 olcMdbConfig olcDatabaseConfig
OLcfgDbOc:13.1 olcWtConfig olcDatabaseConfig
OLcfgGlOc:5 olcOverlayConfig olcConfig
OLcfgCtOc:8.1 olcHomedirConfig olcOverlayConfig
OLcfgDbOc:7.2 olcOvSocketConfig olcOverlayConfig
OLcfgDbOc:11.2 olcovPerlConfig olcOverlayConfig
OLcfgGlOc:6 olcIncludeFile olcConfig
OLcfgGlOc:7 olcFrontendConfig top auxiliary
OLcfgGlOc:8 olcModuleList olcConfig
OLcfgOvOc:1.1 olcSyncProvConfig olcOverlayConfig
OLcfgOvOc:2.1 olcPcacheConfig olcOverlayConfig
OLcfgOvOc:2.2 olcPcacheDatabase top auxiliary
OLcfgOvOc:3.1 olcChainConfig olcOverlayConfig
OLcfgOvOc:3.2 olcChainDatabase top auxiliary
OLcfgOvOc:3.3 olcPBindConfig olcOverlayConfig
OLcfgOvOc:4.1 olcAccessLogConfig olcOverlayConfig
OLcfgOvOc:5.1 olcValSortConfig olcOverlayConfig
OLcfgOvOc:7.1 olcDistProcConfig olcOverlayConfig
OLcfgOvOc:7.2 olcDistProcDatabase top auxiliary
OLcfgOvOc:8.1 olcDynListConfig/olcDynamicList olcOverlayConfig
OLcfgOvOc:9.1 olcDDSConfig olcOverlayConfig
OLcfgOvOc:10.1 olcUniqueConfig olcOverlayConfig
OLcfgOvOc:11.1 olcRefintConfig olcOverlayConfig
OLcfgOvOc:12.1 olcPPolicyConfig olcOverlayConfig
OLcfgOvOc:12.2 olcPPolicyAbstractRule top abstract
OLcfgOvOc:12.3 olcPPolicyScopedRule olcPPolicyAbstractRule
OLcfgOvOc:12.4 olcPPolicyRegexRule olcPPolicyAbstractRule
OLcfgOvOc:13.1 olcConstraintConfig olcOverlayConfig
OLcfgOvOc:14.1 olcTranslucentConfig olcOverlayConfig
OLcfgOvOc:14.2 olcTranslucentDatabase top auxiliary
OLcfgOvOc:15.1 olcAuditlogConfig olcOverlayConfig
OLcfgOvOc:16.1 olcRwmConfig olcOverlayConfig
OLcfgOvOc:17.1 olcDynGroupConfig/olcDGConfig olcOverlayConfig
OLcfgOvOc:18.1 olcMemberOfConfig/olcMemberOf olcOverlayConfig
OLcfgOvOc:19.1 olcCollectConfig olcOverlayConfig
OLcfgOvOc:20.1 olcRetcodeConfig olcOverlayConfig
OLcfgOvOc:21.1 olcSssVlvConfig olcOverlayConfig
OLcfgOvOc:22.1 olcAutoCAConfig olcOverlayConfig
OLcfgOvOc:24.1 olcRemoteAuthCfg olcOverlayConfig
OLcfgOvOc:25.1 olcNestGroupConfig olcOverlayConfig
`;

const syntaxes: Readonly<Record<string, string>> = {
  text: 'EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15',
  boolean: 'EQUALITY booleanMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.7',
  integer: 'EQUALITY integerMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27',
  name: 'EQUALITY distinguishedNameMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.12',
  octets: 'EQUALITY octetStringMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.40',
  ia5: 'EQUALITY caseIgnoreIA5Match SYNTAX 1.3.6.1.4.1.1466.115.121.1.26',
};

function rowsOf(table: string): string[][] {
  return table
    .split('\n')
    .filter((row) => row !== '')
    .map((row) => row.split(' '));
}

function quotedNames(names: string): string {
  return `( ${names
    .split('/')
    .map((name) => `'${name}'`)
    .join(' ')} )`;
}

/** As after `attributetype` in a schema file. */
export const attributeDefinitions: readonly string[] = rowsOf(attributeTable).map(([oid, names, syntax, ...marks]) =>
  [
    `( ${oid} NAME ${quotedNames(names!)} ${syntax!.startsWith('sup=') ? `SUP ${syntax!.slice('sup='.length)}` : syntaxes[syntax!]}`,
    ...(marks.includes('single') ? ['SINGLE-VALUE'] : []),
    ...(marks.includes('ordered') ? ["X-ORDERED 'VALUES'"] : []),
    ')',
  ].join(' '),
);

/** What is not in the table may hold whatever there is. */
const anything: ClassAttributes = { must: [], may: rowsOf(attributeTable).map(([, names]) => names!.split('/')[0]!) };

function attributesOf(names: string): ClassAttributes {
  const found = names.split('/').flatMap((name) => classAttributes.get(name) ?? []);
  return found[0] ?? anything;
}

function listed(keyword: 'MUST' | 'MAY', attributes: readonly string[]): string {
  return attributes.length === 0 ? '' : ` ${keyword} ( ${attributes.join(' $ ')} )`;
}

/** As after `objectclass`, those first on which others build. */
export const classDefinitions: readonly string[] = rowsOf(classTable).map(([oid, names, superior, kind = 'structural']) => {
  const { must, may } = attributesOf(names!);
  const attributes = `${listed('MUST', must)}${listed('MAY', may)}`;
  return `( ${oid} NAME ${quotedNames(names!)} SUP ${superior} ${kind.toUpperCase()}${attributes} )`;
});
