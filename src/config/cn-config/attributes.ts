/**
 * The attributes of cn=config, as slapd 2.4 to 2.7 and its contributed modules define them, and the directive of slapd.conf that
 * each stands for. A line of the table holds
 *
 * - the attribute, and its directive (`-`: it has none);
 * - `ordered`: its values carry their number in front, `{0}`, which does not belong to the directive;
 * - `whole`: a value is one argument, blanks and all; `definition`: it is taken as it stands; `joined`: all values are arguments of
 *   one directive; otherwise a value is split at blanks;
 * - `unset=`: what slapd writes by itself where nobody has set anything. Such a value is passed over.
 *
 * The order is that in which slapd reads the attributes of an entry, where it matters: `olcLimits` before `olcSizeLimit`.
 */

export type ValueForm = 'words' | 'whole' | 'definition' | 'joined';

export interface OlcAttribute {
  /** As slapd spells it. */
  readonly name: string;
  /** As slapd.conf(5) spells it. Undefined: it names or describes the entry. */
  readonly directive: string | undefined;
  readonly form: ValueForm;
  readonly ordered: boolean;
  /** Values that slapd writes by itself. */
  readonly unset: ReadonlySet<string>;
  /** Place in the order of reading. */
  readonly rank: number;
  /** The server and its databases; or what belongs to a kind of database or overlay of its own. */
  readonly section: 'server' | 'store' | 'other';
  /** What it belongs to, as the table's headings say it: `overlay chain`, `databases ldap, meta`. */
  readonly owner: string;
}

const table = `
# the server, and every database
olcSuffix suffix whole
olcDisabled disabled unset=FALSE
olcHidden hidden unset=FALSE
olcSubordinate subordinate
olcAccess access ordered
olcAddContentAcl add_content_acl unset=FALSE
olcAllows allow joined
olcArgsFile argsfile whole
olcAttributeOptions attributeoptions joined
olcAttributeTypes attributetype ordered definition
olcAuthIDRewrite authid-rewrite ordered
olcAuthzPolicy authz-policy unset=none
olcAuthzRegexp authz-regexp ordered
olcBackend -
olcConcurrency concurrency unset=0
olcConfigDir -
olcConfigFile -
olcConnMaxPending conn_max_pending unset=100
olcConnMaxPendingAuth conn_max_pending_auth unset=1000
olcDatabase -
olcDefaultSearchBase defaultSearchBase whole
olcDisallows disallow joined
olcDitContentRules ditcontentrule ordered definition
olcExtraAttrs extra_attrs
olcGentleHUP gentlehup unset=FALSE
olcIdleTimeout idletimeout unset=0
olcInclude include whole
olcIndexHash64 index_hash64 unset=FALSE
olcIndexIntLen index_intlen unset=4
olcIndexSubstrAnyLen index_substr_any_len unset=4
olcIndexSubstrAnyStep index_substr_any_step unset=2
olcIndexSubstrIfMaxLen index_substr_if_maxlen unset=4
olcIndexSubstrIfMinLen index_substr_if_minlen unset=2
olcLastBind lastbind unset=FALSE
olcLastBindPrecision lastbind-precision unset=0
olcLastBindSendAssert lastbind-send-assert
olcLastMod lastmod unset=TRUE
olcLdapSyntaxes ldapsyntax ordered definition
olcLimits limits ordered
olcListenerThreads listener-threads unset=1
olcLocalSSF localSSF unset=71
olcLogFile logfile whole
olcLogFileFormat logfile-format
olcLogFileOnly logfile-only unset=FALSE
olcLogFileRotate logfile-rotate
olcLogLevel loglevel joined
olcMaxDerefDepth maxDerefDepth unset=15
olcMaxFilterDepth maxFilterDepth unset=1000
olcMirrorMode mirrormode unset=FALSE
olcModulePath modulepath whole
olcModuleLoad moduleload ordered
olcMonitoring monitoring unset=TRUE unset=FALSE
olcMultiProvider multiprovider unset=FALSE
olcObjectClasses objectclass ordered definition
olcObjectIdentifier objectidentifier ordered definition
olcOverlay -
olcPasswordCryptSaltFormat password-crypt-salt-format
olcPasswordHash password-hash joined
olcPidFile pidfile whole
olcPlugin plugin ordered
olcPluginLogFile pluginlog whole
olcReadOnly readonly unset=FALSE
olcReferral referral
olcReplica replica ordered
olcReplicaArgsFile replica-argsfile whole
olcReplicaPidFile replica-pidfile whole
olcReplicationInterval replicationInterval unset=0
olcReplogFile replogfile whole
olcRequires require joined
olcRestrict restrict joined
olcRestrictOp restrictop ordered
olcReverseLookup reverse-lookup unset=FALSE
olcRootDN rootdn whole
olcRootDSE rootDSE whole
olcRootPW rootpw whole
olcSaslAuxprops sasl-auxprops
olcSaslAuxpropsDontUseCopy sasl-auxprops-dontusecopy
olcSaslAuxpropsDontUseCopyIgnore sasl-auxprops-dontusecopy-ignore unset=FALSE
olcSaslCBinding sasl-cbinding unset=none
olcSaslHost sasl-host
olcSaslRealm sasl-realm
olcSaslSecProps sasl-secprops unset=noplain,noanonymous
olcSchemaDN schemadn whole unset=cn=Subschema
olcSecurity security
olcServerID serverID
olcSizeLimit sizelimit
olcSockbufMaxIncoming sockbuf_max_incoming unset=262143
olcSockbufMaxIncomingAuth sockbuf_max_incoming_auth
olcSortVals sortvals
olcSyncUseSubentry sync_use_subentry unset=FALSE
olcSyncrepl syncrepl ordered
olcTCPBuffer tcp-buffer
olcTLSCACertificate TLSCACertificate
olcTLSCACertificateFile TLSCACertificateFile whole
olcTLSCACertificatePath TLSCACertificatePath whole
olcTLSCRLCheck TLSCRLCheck unset=none
olcTLSCRLFile TLSCRLFile whole
olcTLSCertificate TLSCertificate
olcTLSCertificateFile TLSCertificateFile whole
olcTLSCertificateKey TLSCertificateKey
olcTLSCertificateKeyFile TLSCertificateKeyFile whole
olcTLSCipherSuite TLSCipherSuite whole
olcTLSDHParamFile TLSDHParamFile whole
olcTLSECName TLSECName
olcTLSProtocolMin TLSProtocolMin unset=0.0
olcTLSRandFile TLSRandFile whole
olcTLSVerifyClient TLSVerifyClient unset=never
olcThreadQueues threadqueues unset=1
olcThreads threads unset=16
olcTimeLimit timelimit
olcToolThreads tool-threads unset=1
olcUpdateDN updatedn whole
olcUpdateRef updateref
olcWriteTimeout writetimeout unset=0
# databases mdb, hdb, bdb
olcBkMdbIdlExp idlexp unset=16
olcDbCacheFree cachefree unset=1
olcDbCacheSize cachesize unset=1000
olcDbCheckpoint checkpoint
olcDbChecksum checksum unset=FALSE
olcDbConfig dbconfig ordered
olcDbCryptFile cryptfile whole
olcDbCryptKey cryptkey
olcDbCryptoModule crypto
olcDbDNcacheSize dncachesize unset=0
olcDbDirectory directory whole
olcDbDirtyRead dirtyread unset=FALSE
olcDbEnvFlags envflags
olcDbIDLcacheSize idlcachesize unset=0
olcDbIndex index
olcDbLinearIndex linearindex unset=FALSE
olcDbLockDetect lockdetect
olcDbMaxEntrySize maxentrysize unset=0
olcDbMaxReaders maxreaders unset=0
olcDbMaxSize maxsize unset=10485760
olcDbMode mode unset=0600 unset=600 unset=0
olcDbMultival multival
olcDbNoSync dbnosync unset=FALSE
olcDbPageSize dbpagesize
olcDbPassphrase passphrase
olcDbRtxnSize rtxnsize unset=10000
olcDbSearchStack searchstack unset=16
olcDbShmKey shm_key unset=0
# database asyncmeta
olcAsyncMetaSub -
olcDbMaxPendingOps max-pending-ops
olcDbMaxTargetConns max-target-conns
olcDbMaxTimeoutOps max-timeout-ops
olcDbSuffixMassage suffixmassage
# database ldap
olcDbACLBind acl-bind
olcDbIDAssertAuthcDn idassert-authcDN
olcDbIDAssertMode idassert-mode
olcDbIDAssertPassThru idassert-passThru ordered
olcDbIDAssertPasswd idassert-passwd
olcDbProxyWhoAmI proxy-whoami
olcDbRemoveUnknownSchema omit-unknown-schema
# database meta
olcDbMap map ordered
olcDbRewrite rewrite ordered
olcMetaSub -
# database null
olcDbBindAllowed bind
olcDbDoSearch dosearch
# database passwd
olcPasswdFile file
# database perl
olcPerlFilterSearchResults filterSearchResults
olcPerlModule perlModule
olcPerlModuleConfig perlModuleConfig
olcPerlModulePath perlModulePath
# database relay
olcRelay relay whole
# database shell
olcShellAdd add
olcShellBind bind
olcShellCompare compare
olcShellDelete delete
olcShellModRDN modrdn
olcShellModify modify
olcShellSearch search
olcShellUnbind unbind
# database sock
olcDbSocketExtensions extensions
olcDbSocketPath socketpath
olcOvSocketDNpat sockdnpat
olcOvSocketOps sockops
olcOvSocketResps sockresps
# database sql
olcDbHost dbhost
olcDbName dbname
olcDbPass dbpasswd
olcDbUser dbuser
olcSqlAliasingKeyword aliasing_keyword
olcSqlAliasingQuote aliasing_quote
olcSqlAllowOrphans allow_orphans
olcSqlAtQuery at_query whole
olcSqlAutocommit autocommit
olcSqlBaseObject baseobject
olcSqlCheckSchema check_schema
olcSqlChildrenCond children_cond whole
olcSqlConcatPattern concat_pattern
olcSqlCreateNeedsSelect create_needs_select
olcSqlDelEntryStmt delentry_stmt whole
olcSqlDelObjclassesStmt delobjclasses_stmt whole
olcSqlDnMatchCond dn_match_cond whole
olcSqlFailIfNoMapping fail_if_no_mapping
olcSqlFetchAllAttrs fetch_all_attrs
olcSqlFetchAttrs fetch_attrs
olcSqlHasLDAPinfoDnRu has_ldapinfo_dn_ru
olcSqlIdQuery id_query whole
olcSqlInsEntryStmt insentry_stmt whole
olcSqlLayer sqllayer
olcSqlOcQuery oc_query whole
olcSqlRenEntryStmt renentry_stmt whole
olcSqlStrcastFunc strcast_func
olcSqlSubtreeCond subtree_cond whole
olcSqlUpperFunc upper_func
olcSqlUpperNeedsCast upper_needs_cast
olcSqlUseSubtreeShortcut use_subtree_shortcut
# database wt
olcIDLcache idlcache
olcWtConfig wtconfig
# databases asyncmeta, ldap, meta
olcDbCancel cancel
olcDbChaseReferrals chase-referrals
olcDbConnTtl conn-ttl
olcDbConnectionPoolMax conn-pool-max
olcDbIDAssertAuthzFrom idassert-authzFrom ordered
olcDbIDAssertBind idassert-bind
olcDbIdleTimeout idle-timeout
olcDbKeepalive keepalive
olcDbNetworkTimeout network-timeout
olcDbNoRefs norefs
olcDbNoUndefFilter noundeffilter
olcDbOnErr onerr
olcDbProtocolVersion protocol-version
olcDbQuarantine quarantine
olcDbRebindAsUser rebind-as-user
olcDbSessionTrackingRequest session-tracking-request
olcDbStartTLS tls
olcDbTFSupport t-f-support
olcDbTcpUserTimeout tcp-user-timeout
olcDbTimeout timeout
olcDbURI uri
# databases asyncmeta, meta
olcDbBindTimeout bind-timeout
olcDbClientPr client-pr
olcDbDefaultTarget default-target
olcDbDnCacheTtl dncache-ttl
olcDbFilter filter
olcDbNretries nretries
olcDbPseudoRootBindDefer pseudoroot-bind-defer
olcDbSubtreeExclude subtree-exclude
olcDbSubtreeInclude subtree-include
# databases ldap, meta
olcDbACLAuthcDn acl-authcDN
olcDbACLPasswd acl-passwd
olcDbSingleConn single-conn
olcDbUseTemporaryConn use-temporary-conn
# backend lload
olcBkLloadBackendUri -
olcBkLloadBindconf bindconf
olcBkLloadBindconns -
olcBkLloadClientMaxPending client_max_pending
olcBkLloadFeature enable
olcBkLloadFeatureDisable disable
olcBkLloadFeatureEnable enable
olcBkLloadIOThreads io-threads
olcBkLloadIOTimeout iotimeout
olcBkLloadIdleTimeout idletimeout
olcBkLloadListen -
olcBkLloadMaxPDUPerCycle max_pdus_per_cycle
olcBkLloadMaxPendingConns -
olcBkLloadMaxPendingOps -
olcBkLloadNumconns -
olcBkLloadRestrictControl restrict_control
olcBkLloadRestrictExop restrict_exop
olcBkLloadRetry -
olcBkLloadSockbufMaxClient sockbuf_max_incoming_client
olcBkLloadSockbufMaxPendingClient sockbuf_max_pending_client
olcBkLloadSockbufMaxUpstream sockbuf_max_incoming_upstream
olcBkLloadStartTLS -
olcBkLloadTLSCACertificate TLSCACertificate
olcBkLloadTLSCACertificateFile TLSCACertificateFile
olcBkLloadTLSCACertificatePath TLSCACertificatePath
olcBkLloadTLSCRLCheck TLSCRLCheck
olcBkLloadTLSCRLFile TLSCRLFile
olcBkLloadTLSCertificate TLSCertificate
olcBkLloadTLSCertificateFile TLSCertificateFile
olcBkLloadTLSCertificateKey TLSCertificateKey
olcBkLloadTLSCertificateKeyFile TLSCertificateKeyFile
olcBkLloadTLSCipherSuite TLSCipherSuite
olcBkLloadTLSDHParamFile TLSDHParamFile
olcBkLloadTLSECName TLSECName
olcBkLloadTLSProtocolMin TLSProtocolMin
olcBkLloadTLSRandFile TLSRandFile
olcBkLloadTLSShareSlapdCTX TLSShareSlapdCTX
olcBkLloadTcpBuffer tcp-buffer
olcBkLloadTierType tier
olcBkLloadVerifyClient TLSVerifyClient
olcBkLloadWeight -
olcBkLloadWriteCoherence write_coherence
# overlay accesslog
olcAccessLogBase logbase
olcAccessLogDB logdb whole
olcAccessLogOld logold
olcAccessLogOldAttr logoldattr
olcAccessLogOps logops
olcAccessLogPurge logpurge
olcAccessLogPurgeBatch logpurgebatch
olcAccessLogSuccess logsuccess
# overlay auditlog
olcAuditlogFile auditlog whole
olcAuditlogNonBlocking auditlognonblocking
# overlay autoca
olcAutoCADays caDays
olcAutoCAKeybits caKeybits
olcAutoCAlocalDN localdn whole
olcAutoCAserverClass serverClass
olcAutoCAserverDays serverDays
olcAutoCAserverKeybits serverKeybits
olcAutoCAuserClass userClass
olcAutoCAuserDays userDays
olcAutoCAuserKeybits userKeybits
# overlay collect
olcCollectInfo collectinfo
# overlay constraint
olcConstraintAllowEmpty constraint_allowempty
olcConstraintAttribute constraint_attribute
# overlay dds
olcDDSdefaultTtl dds-default-ttl
olcDDSinterval dds-interval
olcDDSmaxDynamicObjects dds-max-dynamicObjects
olcDDSmaxTtl dds-max-ttl
olcDDSminTtl dds-min-ttl
olcDDSstate dds-state
olcDDStolerance dds-tolerance
# overlay dyngroup
olcDGAttrPair attrpair
olcDynGroupAttrPair attrpair
# overlay dynlist
olcDlAttrSet dynlist-attrset ordered
olcDynListAttrSet dynlist-attrset ordered
olcDynListSimple dynlist-simple
# overlay homedir
olcHomedirArchivePath homedir-archive-path
olcHomedirDeleteStyle homedir-delete-style
olcHomedirRegexp homedir-regexp ordered
olcMinimumUidNumber homedir-min-uidnumber
olcSkeletonPath homedir-skeleton-path
# overlay memberof
olcMemberOfAddCheck memberof-addcheck
olcMemberOfDN memberof-dn whole
olcMemberOfDangling memberof-dangling
olcMemberOfDanglingError memberof-dangling-error
olcMemberOfGroupOC memberof-group-oc
olcMemberOfMemberAD memberof-member-ad
olcMemberOfMemberOfAD memberof-memberof-ad
olcMemberOfRefInt memberof-refint
olcMemberOfReverse memberof-reverse
# overlay nestgroup
olcNestGroupBase nestgroup-base whole
olcNestGroupFlags nestgroup-flags
olcNestGroupMember nestgroup-member
olcNestGroupMemberOf nestgroup-memberof
# overlay pcache
olcPcache pcache
olcPcacheAttrset pcacheAttrset
olcPcacheBind pcacheBind
olcPcacheMaxQueries pcacheMaxQueries
olcPcacheOffline pcacheOffline
olcPcachePersist pcachePersist
olcPcachePosition pcachePosition
olcPcacheTemplate pcacheTemplate
olcPcacheValidate pcacheValidate
olcProxyAttrset pcacheAttrset
olcProxyCache pcache
olcProxyCacheQueries pcacheMaxQueries
olcProxyCacheTemplate pcacheTemplate
olcProxyCheckCacheability pcacheValidate
olcProxySaveQueries pcachePersist
# overlay ppolicy
olcPPolicyCheckModule ppolicy_check_module
olcPPolicyDefault ppolicy_default whole
olcPPolicyDisableWrite ppolicy_disable_write
olcPPolicyForwardUpdates ppolicy_forward_updates
olcPPolicyHashCleartext ppolicy_hash_cleartext
olcPPolicyRuleAction -
olcPPolicyRuleFilter -
olcPPolicyRuleGroup -
olcPPolicyRuleGroupAttr -
olcPPolicyRuleGroupOC -
olcPPolicyRuleObject -
olcPPolicyRulePolicy -
olcPPolicyRuleRequirePassword -
olcPPolicyRuleScope -
olcPPolicySendNetscapeControls ppolicy_send_netscape_controls
olcPPolicyUseLockout ppolicy_use_lockout
# overlay refint
olcRefintAttribute refint_attributes joined
olcRefintModifiersName refint_modifiersName whole
olcRefintNothing refint_nothing whole
# overlay remoteauth
olcRemoteAuthDNAttribute remoteauth_dn_attribute
olcRemoteAuthDefaultDomain remoteauth_default_domain
olcRemoteAuthDefaultRealm remoteauth_default_realm
olcRemoteAuthDomainAttribute remoteauth_domain_attribute
olcRemoteAuthMapping remoteauth_mapping
olcRemoteAuthRetryCount remoteauth_retry_count
olcRemoteAuthStore remoteauth_store
olcRemoteAuthTLS remoteauth_tls
olcRemoteAuthTLSPeerkeyHash remoteauth_tls_peerkey_hash
# overlay retcode
olcRetcodeInDir retcode-indir
olcRetcodeItem retcode-item ordered
olcRetcodeParent retcode-parent whole
olcRetcodeSleep retcode-sleep
# overlay rwm
olcRwmDropUnrequested rwm-drop-unrequested-attrs
olcRwmMap rwm-map ordered
olcRwmNormalizeMapped rwm-normalize-mapped-attrs
olcRwmRewrite rwm-rewrite ordered
olcRwmTFSupport rwm-t-f-support
# overlay sssvlv
olcSssVlvMax sssvlv-max
olcSssVlvMaxKeys sssvlv-maxkeys unset=5
olcSssVlvMaxPerConn sssvlv-maxperconn
# overlay syncprov
olcSpCheckpoint syncprov-checkpoint
olcSpNoPresent syncprov-nopresent
olcSpReloadHint syncprov-reloadhint
olcSpSessionlog syncprov-sessionlog
olcSpSessionlogSource syncprov-sessionlog-source whole
# overlay translucent
olcTranslucentBindLocal translucent_bind_local
olcTranslucentLocal translucent_local
olcTranslucentNoGlue translucent_no_glue
olcTranslucentPwModLocal translucent_pwmod_local
olcTranslucentRemote translucent_remote
olcTranslucentStrict translucent_strict
# overlay unique
olcUniqueAttribute unique_attributes joined
olcUniqueBase unique_base whole
olcUniqueIgnore unique_ignore joined
olcUniqueStrict unique_strict
olcUniqueURI unique_uri
# overlay valsort
olcValSortAttr valsort-attr
# overlay chain
olcChainCacheURI chain-cache-uri
olcChainMaxReferralDepth chain-max-depth
olcChainReturnError chain-return-error
olcChainingBehavior chain-chaining
# overlay adremap
olcADremapDNmap adremap-dnmap
olcADremapDowncase adremap-downcase
# overlay alias
olcAliasMapping alias_attribute
# overlay autogroup
olcAGattrSet autogroup-attrset ordered
olcAGmemberOfAd autogroup-memberof-ad
olcAutoGroupAttrSet autogroup-attrset ordered
olcAutoGroupMemberOfAd autogroup-memberof-ad
# overlay cloak
olcCloakAttribute cloak-attr ordered
# overlay datamorph
olcDatamorphAttribute datamorph_attribute whole
olcDatamorphIndex -
olcDatamorphIntegerBytes datamorph_size
olcDatamorphIntegerLowerBound datamorph_lower_bound
olcDatamorphIntegerSigned datamorph_signed
olcDatamorphIntegerUpperBound datamorph_upper_bound
olcDatamorphValue - whole
# overlay lastbind
olcLastBindForwardUpdates lastbind_forward_updates
# overlay nssov
olcNssMap nssov-map
olcNssPam nssov-pam
olcNssPamDefHost nssov-pam-defhost
olcNssPamGroupAD nssov-pam-group-ad
olcNssPamGroupDN nssov-pam-group-dn
olcNssPamMaxUid nssov-pam-max-uid
olcNssPamMinUid nssov-pam-min-uid
olcNssPamPwdProhibitMsg nssov-pam-password-prohibit-message
olcNssPamSession nssov-pam-session
olcNssPamTemplate nssov-pam-template
olcNssPamTemplateAD nssov-pam-template-ad
olcNssSsd nssov-ssd
olcPamPwdmgrDn nssov-pam-pwdmgr-dn
olcPamPwdmgrPwd nssov-pam-pwdmgr-pwd
# overlay rbac
olcRBACAdminDn rbac-admin
olcRBACAdminPwd rbac-pwd
olcRBACDefaultAuditBaseDn rbac-default-audit-base-dn
olcRBACDefaultPermissionsBaseDn rbac-default-permissions-base-dn
olcRBACDefaultRolesBaseDn rbac-default-roles-base-dn
olcRBACDefaultSessionsBaseDn rbac-default-sessions-base-dn
olcRBACDefaultTenantId rbac-default-tenant-id
olcRBACDefaultUsersBaseDn rbac-default-users-base-dn
olcRBACSessionAdminDn rbac-session-admin
olcRBACSessionAdminPwd rbac-session-admin-pwd
olcRBACTenant tenant
# overlay smbk5pwd
olcSmbK5PwdCanChange smbk5pwd-can-change
olcSmbK5PwdEnable smbk5pwd-enable
olcSmbK5PwdMustChange smbk5pwd-must-change
# overlay variant
olcVariantAlternativeAttribute -
olcVariantAlternativeEntry - whole
olcVariantAlternativeEntryPattern - whole
olcVariantEntry variantDN whole
olcVariantEntryRegex variantRegex whole
olcVariantPassReplication passReplication
olcVariantVariantAttribute -
`;

function parseRow(row: string, rank: number, { section, owner }: Pick<OlcAttribute, 'section' | 'owner'>): OlcAttribute {
  const [name, directive, ...marks] = row.split(' ') as [string, string, ...string[]];
  const form = (['whole', 'definition', 'joined'] as const).find((one) => marks.includes(one)) ?? 'words';
  const unset = marks.filter((mark) => mark.startsWith('unset=')).map((mark) => mark.slice('unset='.length));
  return {
    name,
    directive: directive === '-' ? undefined : directive,
    form,
    ordered: marks.includes('ordered'),
    unset: new Set(unset),
    rank,
    section,
    owner,
  };
}

function parseTable(): ReadonlyMap<string, OlcAttribute> {
  const attributes = new Map<string, OlcAttribute>();
  let owner = '';
  table.split('\n').forEach((row, rank) => {
    if (row.startsWith('#')) owner = row.slice('# '.length);
    if (row === '' || row.startsWith('#')) return;
    const section = owner.startsWith('the server') ? 'server' : owner.startsWith('databases mdb') ? 'store' : 'other';
    const attribute = parseRow(row, rank, { section, owner });
    attributes.set(attribute.name.toLowerCase(), attribute);
  });
  return attributes;
}

/** By name in lower case. */
export const olcAttributes = parseTable();
