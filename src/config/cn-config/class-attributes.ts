/**
 * The attributes that entries of each class of cn=config may have, as slapd 2.5 and 2.6 define them; an exclamation mark stands behind
 * what an entry must have.
 */

const table = `
olcConfig:
olcGlobal: cn olcAllows olcArgsFile olcAttributeOptions olcAttributeTypes olcAuthIDRewrite olcAuthzPolicy olcAuthzRegexp
  olcConcurrency olcConfigDir olcConfigFile olcConnMaxPending olcConnMaxPendingAuth olcDisallows olcDitContentRules olcGentleHUP
  olcIdleTimeout olcIndexHash64 olcIndexIntLen olcIndexSubstrAnyLen olcIndexSubstrAnyStep olcIndexSubstrIfMaxLen
  olcIndexSubstrIfMinLen olcLdapSyntaxes olcListenerThreads olcLocalSSF olcLogFile olcLogFileFormat olcLogFileOnly
  olcLogFileRotate olcLogLevel olcMaxFilterDepth olcObjectClasses olcObjectIdentifier olcPasswordCryptSaltFormat olcPasswordHash
  olcPidFile olcPluginLogFile olcReadOnly olcReferral olcReplogFile olcRequires olcRestrict olcReverseLookup olcRootDSE
  olcSaslAuxprops olcSaslAuxpropsDontUseCopy olcSaslAuxpropsDontUseCopyIgnore olcSaslCBinding olcSaslHost olcSaslRealm
  olcSaslSecProps olcSecurity olcServerID olcSizeLimit olcSockbufMaxIncoming olcSockbufMaxIncomingAuth olcTCPBuffer
  olcTLSCACertificateFile olcTLSCACertificatePath olcTLSCRLCheck olcTLSCRLFile olcTLSCertificateFile olcTLSCertificateKeyFile
  olcTLSCipherSuite olcTLSDHParamFile olcTLSECName olcTLSProtocolMin olcTLSRandFile olcTLSVerifyClient olcThreadQueues
  olcThreads olcTimeLimit olcToolThreads olcWriteTimeout
olcSchemaConfig: cn olcAttributeTypes olcDitContentRules olcLdapSyntaxes olcObjectClasses olcObjectIdentifier
olcBackendConfig: olcBackend!
olcDatabaseConfig: olcDatabase! olcAccess olcAddContentAcl olcDisabled olcExtraAttrs olcHidden olcLastBind olcLastBindPrecision
  olcLastMod olcLimits olcMaxDerefDepth olcMonitoring olcMultiProvider olcPlugin olcReadOnly olcReplica olcReplicaArgsFile
  olcReplicaPidFile olcReplicationInterval olcReplogFile olcRequires olcRestrict olcRootDN olcRootPW olcSchemaDN olcSecurity
  olcSizeLimit olcSubordinate olcSuffix olcSyncUseSubentry olcSyncrepl olcTimeLimit olcUpdateDN olcUpdateRef
olcOverlayConfig: olcOverlay! olcDisabled
olcIncludeFile: olcInclude! cn olcRootDSE
olcFrontendConfig: olcDefaultSearchBase olcPasswordHash olcSortVals
olcModuleList: cn olcModuleLoad olcModulePath
olcLdifConfig: olcDbDirectory!
olcMonitorConfig:
olcAccessLogConfig: olcAccessLogDB! olcAccessLogBase olcAccessLogOld olcAccessLogOldAttr olcAccessLogOps olcAccessLogPurge
  olcAccessLogSuccess
olcAuditlogConfig: olcAuditlogFile
olcAsyncMetaConfig: olcDbBindTimeout olcDbCancel olcDbChaseReferrals olcDbClientPr olcDbConnectionPoolMax olcDbDefaultTarget
  olcDbDnCacheTtl olcDbIdleTimeout olcDbMaxPendingOps olcDbMaxTargetConns olcDbMaxTimeoutOps olcDbNetworkTimeout olcDbNoRefs
  olcDbNoUndefFilter olcDbNretries olcDbOnErr olcDbProtocolVersion olcDbPseudoRootBindDefer olcDbQuarantine olcDbRebindAsUser
  olcDbSessionTrackingRequest olcDbStartTLS olcDbTFSupport
olcAsyncMetaTargetConfig: olcAsyncMetaSub! olcDbURI! olcDbBindTimeout olcDbCancel olcDbChaseReferrals olcDbClientPr
  olcDbDefaultTarget olcDbFilter olcDbIDAssertAuthzFrom olcDbIDAssertBind olcDbKeepalive olcDbNetworkTimeout olcDbNoRefs
  olcDbNoUndefFilter olcDbNretries olcDbProtocolVersion olcDbQuarantine olcDbRebindAsUser olcDbSessionTrackingRequest
  olcDbStartTLS olcDbSubtreeExclude olcDbSubtreeInclude olcDbSuffixMassage olcDbTFSupport olcDbTcpUserTimeout olcDbTimeout
olcLDAPConfig: olcDbACLBind olcDbCancel olcDbChaseReferrals olcDbConnTtl olcDbConnectionPoolMax olcDbIDAssertAuthzFrom
  olcDbIDAssertBind olcDbIDAssertPassThru olcDbIdleTimeout olcDbKeepalive olcDbNetworkTimeout olcDbNoRefs olcDbNoUndefFilter
  olcDbOnErr olcDbProtocolVersion olcDbProxyWhoAmI olcDbQuarantine olcDbRebindAsUser olcDbSessionTrackingRequest olcDbSingleConn
  olcDbStartTLS olcDbTFSupport olcDbTimeout olcDbURI olcDbUseTemporaryConn
olcChainConfig: olcChainCacheURI olcChainMaxReferralDepth olcChainReturnError olcChainingBehavior
olcChainDatabase:
olcPBindConfig: olcDbURI! olcDbNetworkTimeout olcDbQuarantine olcDbStartTLS
olcDistProcConfig: olcChainCacheURI olcChainingBehavior
olcDistProcDatabase:
olcMdbBkConfig: olcBkMdbIdlExp
olcMdbConfig: olcDbDirectory! olcDbCheckpoint olcDbEnvFlags olcDbIndex olcDbMaxEntrySize olcDbMaxReaders olcDbMaxSize olcDbMode
  olcDbMultival olcDbNoSync olcDbRtxnSize olcDbSearchStack
olcMetaConfig: olcDbBindTimeout olcDbCancel olcDbChaseReferrals olcDbClientPr olcDbConnTtl olcDbConnectionPoolMax
  olcDbDefaultTarget olcDbDnCacheTtl olcDbIdleTimeout olcDbNetworkTimeout olcDbNoRefs olcDbNoUndefFilter olcDbNretries
  olcDbOnErr olcDbProtocolVersion olcDbPseudoRootBindDefer olcDbQuarantine olcDbRebindAsUser olcDbSessionTrackingRequest
  olcDbSingleConn olcDbStartTLS olcDbTFSupport olcDbUseTemporaryConn
olcMetaTargetConfig: olcDbURI! olcMetaSub! olcDbBindTimeout olcDbCancel olcDbChaseReferrals olcDbClientPr olcDbDefaultTarget
  olcDbFilter olcDbIDAssertAuthzFrom olcDbIDAssertBind olcDbKeepalive olcDbMap olcDbNetworkTimeout olcDbNoRefs
  olcDbNoUndefFilter olcDbNretries olcDbProtocolVersion olcDbQuarantine olcDbRebindAsUser olcDbRewrite
  olcDbSessionTrackingRequest olcDbStartTLS olcDbSubtreeExclude olcDbSubtreeInclude olcDbTFSupport olcDbTcpUserTimeout
  olcDbTimeout
olcNullConfig: olcDbBindAllowed olcDbDoSearch
olcPasswdConfig: olcPasswdFile
olcRelayConfig: olcRelay
olcCollectConfig: olcCollectInfo
olcConstraintConfig: olcConstraintAttribute
olcDDSConfig: olcDDSdefaultTtl olcDDSinterval olcDDSmaxDynamicObjects olcDDSmaxTtl olcDDSminTtl olcDDSstate olcDDStolerance
olcDynListConfig: olcDynListAttrSet olcDynListSimple
olcHomedirConfig: olcHomedirArchivePath olcHomedirDeleteStyle olcHomedirRegexp olcMinimumUidNumber olcSkeletonPath
olcMemberOfConfig: olcMemberOfAddCheck olcMemberOfDN olcMemberOfDangling olcMemberOfDanglingError olcMemberOfGroupOC
  olcMemberOfMemberAD olcMemberOfMemberOfAD olcMemberOfRefInt
olcPcacheConfig: olcPcache! olcPcacheAttrset! olcPcacheTemplate! olcPcacheBind olcPcacheMaxQueries olcPcacheOffline
  olcPcachePersist olcPcachePosition olcPcacheValidate
olcPcacheDatabase:
olcPPolicyConfig: olcPPolicyCheckModule olcPPolicyDefault olcPPolicyDisableWrite olcPPolicyForwardUpdates
  olcPPolicyHashCleartext olcPPolicySendNetscapeControls olcPPolicyUseLockout
olcRefintConfig: olcRefintAttribute olcRefintModifiersName olcRefintNothing
olcRemoteAuthCfg: olcRemoteAuthTLS! olcRemoteAuthDNAttribute olcRemoteAuthDefaultDomain olcRemoteAuthDefaultRealm
  olcRemoteAuthDomainAttribute olcRemoteAuthMapping olcRemoteAuthRetryCount olcRemoteAuthStore olcRemoteAuthTLSPeerkeyHash
olcRetcodeConfig: olcRetcodeInDir olcRetcodeItem olcRetcodeParent olcRetcodeSleep
olcRwmConfig: olcRwmDropUnrequested olcRwmMap olcRwmNormalizeMapped olcRwmRewrite olcRwmTFSupport
olcSssVlvConfig: olcSssVlvMax olcSssVlvMaxKeys olcSssVlvMaxPerConn
olcSyncProvConfig: olcSpCheckpoint olcSpNoPresent olcSpReloadHint olcSpSessionlog olcSpSessionlogSource
olcTranslucentConfig: olcTranslucentBindLocal olcTranslucentLocal olcTranslucentNoGlue olcTranslucentPwModLocal
  olcTranslucentRemote olcTranslucentStrict
olcTranslucentDatabase:
olcUniqueConfig: olcUniqueAttribute olcUniqueBase olcUniqueIgnore olcUniqueStrict olcUniqueURI
olcDbSocketConfig: olcDbSocketPath! olcDbSocketExtensions
olcOvSocketConfig: olcDbSocketPath! olcDbSocketExtensions olcOvSocketDNpat olcOvSocketOps olcOvSocketResps
olcNestGroupConfig: olcNestGroupBase olcNestGroupFlags olcNestGroupMember olcNestGroupMemberOf
`;

export interface ClassAttributes {
  readonly must: readonly string[];
  readonly may: readonly string[];
}

/** By the class's name. */
export const classAttributes: ReadonlyMap<string, ClassAttributes> = new Map(
  table
    .replaceAll('\n  ', ' ')
    .split('\n')
    .filter((row) => row !== '')
    .map((row) => {
      const [name, words] = row.split(':') as [string, string];
      const attributes = words.split(' ').filter((word) => word !== '');
      const must = attributes.filter((word) => word.endsWith('!')).map((word) => word.slice(0, -1));
      return [name, { must, may: attributes.filter((word) => !word.endsWith('!')) }] as const;
    }),
);
