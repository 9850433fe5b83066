/** The schema that the overlay ppolicy brings, as slapd 2.5 defines it, and pwdUseCheckModule of slapd 2.6. */

export const ppolicySchema: readonly string[] = [
  "attributetype ( 1.3.6.1.4.1.42.2.27.8.1.16 NAME ( 'pwdChangedTime' ) DESC 'The time the password was last " +
    "changed' EQUALITY generalizedTimeMatch ORDERING generalizedTimeOrderingMatch SYNTAX " +
    '1.3.6.1.4.1.1466.115.121.1.24 SINGLE-VALUE NO-USER-MODIFICATION USAGE directoryOperation )',
  "attributetype ( 1.3.6.1.4.1.42.2.27.8.1.17 NAME ( 'pwdAccountLockedTime' ) DESC 'The time an user account " +
    "was locked' EQUALITY generalizedTimeMatch ORDERING generalizedTimeOrderingMatch SYNTAX " +
    '1.3.6.1.4.1.1466.115.121.1.24 SINGLE-VALUE USAGE directoryOperation )',
  "attributetype ( 1.3.6.1.4.1.42.2.27.8.1.19 NAME ( 'pwdFailureTime' ) DESC 'The timestamps of the last " +
    "consecutive authentication failures' EQUALITY generalizedTimeMatch ORDERING generalizedTimeOrderingMatch " +
    'SYNTAX 1.3.6.1.4.1.1466.115.121.1.24 NO-USER-MODIFICATION USAGE directoryOperation )',
  "attributetype ( 1.3.6.1.4.1.42.2.27.8.1.20 NAME ( 'pwdHistory' ) DESC 'The history of users passwords' " +
    'EQUALITY octetStringMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 NO-USER-MODIFICATION USAGE directoryOperation ' +
    ')',
  "attributetype ( 1.3.6.1.4.1.42.2.27.8.1.21 NAME ( 'pwdGraceUseTime' ) DESC 'The timestamps of the grace " +
    "login once the password has expired' EQUALITY generalizedTimeMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.24 " +
    'NO-USER-MODIFICATION USAGE directoryOperation )',
  "attributetype ( 1.3.6.1.4.1.42.2.27.8.1.22 NAME ( 'pwdReset' ) DESC 'The indication that the password has " +
    "been reset' EQUALITY booleanMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.7 SINGLE-VALUE USAGE directoryOperation " +
    ')',
  "attributetype ( 1.3.6.1.4.1.42.2.27.8.1.23 NAME ( 'pwdPolicySubentry' ) DESC 'The pwdPolicy subentry in " +
    "effect for this object' EQUALITY distinguishedNameMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.12 SINGLE-VALUE " +
    'USAGE directoryOperation )',
  "attributetype ( 1.3.6.1.4.1.42.2.27.8.1.27 NAME ( 'pwdStartTime' ) DESC 'The time the password becomes " +
    "enabled' EQUALITY generalizedTimeMatch ORDERING generalizedTimeOrderingMatch SYNTAX " +
    '1.3.6.1.4.1.1466.115.121.1.24 SINGLE-VALUE USAGE directoryOperation )',
  "attributetype ( 1.3.6.1.4.1.42.2.27.8.1.28 NAME ( 'pwdEndTime' ) DESC 'The time the password becomes " +
    "disabled' EQUALITY generalizedTimeMatch ORDERING generalizedTimeOrderingMatch SYNTAX " +
    '1.3.6.1.4.1.1466.115.121.1.24 SINGLE-VALUE USAGE directoryOperation )',
  "attributetype ( 1.3.6.1.4.1.42.2.27.8.1.33 NAME ( 'pwdAccountTmpLockoutEnd' ) DESC 'Temporary lockout end' " +
    'EQUALITY generalizedTimeMatch ORDERING generalizedTimeOrderingMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.24 ' +
    'SINGLE-VALUE NO-USER-MODIFICATION USAGE directoryOperation )',
  "attributetype ( 1.3.6.1.4.1.42.2.27.8.1.1 NAME ( 'pwdAttribute' ) EQUALITY objectIdentifierMatch SYNTAX " +
    '1.3.6.1.4.1.1466.115.121.1.38 )',
  "attributetype ( 1.3.6.1.4.1.42.2.27.8.1.2 NAME ( 'pwdMinAge' ) EQUALITY integerMatch ORDERING " +
    'integerOrderingMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )',
  "attributetype ( 1.3.6.1.4.1.42.2.27.8.1.3 NAME ( 'pwdMaxAge' ) EQUALITY integerMatch ORDERING " +
    'integerOrderingMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )',
  "attributetype ( 1.3.6.1.4.1.42.2.27.8.1.4 NAME ( 'pwdInHistory' ) EQUALITY integerMatch ORDERING " +
    'integerOrderingMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )',
  "attributetype ( 1.3.6.1.4.1.42.2.27.8.1.5 NAME ( 'pwdCheckQuality' ) EQUALITY integerMatch ORDERING " +
    'integerOrderingMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )',
  "attributetype ( 1.3.6.1.4.1.42.2.27.8.1.6 NAME ( 'pwdMinLength' ) EQUALITY integerMatch ORDERING " +
    'integerOrderingMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )',
  "attributetype ( 1.3.6.1.4.1.42.2.27.8.1.31 NAME ( 'pwdMaxLength' ) EQUALITY integerMatch SYNTAX " +
    '1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )',
  "attributetype ( 1.3.6.1.4.1.42.2.27.8.1.7 NAME ( 'pwdExpireWarning' ) EQUALITY integerMatch ORDERING " +
    'integerOrderingMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )',
  "attributetype ( 1.3.6.1.4.1.42.2.27.8.1.8 NAME ( 'pwdGraceAuthNLimit' ) EQUALITY integerMatch ORDERING " +
    'integerOrderingMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )',
  "attributetype ( 1.3.6.1.4.1.42.2.27.8.1.30 NAME ( 'pwdGraceExpiry' ) EQUALITY integerMatch SYNTAX " +
    '1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )',
  "attributetype ( 1.3.6.1.4.1.42.2.27.8.1.9 NAME ( 'pwdLockout' ) EQUALITY booleanMatch SYNTAX " +
    '1.3.6.1.4.1.1466.115.121.1.7 SINGLE-VALUE )',
  "attributetype ( 1.3.6.1.4.1.42.2.27.8.1.10 NAME ( 'pwdLockoutDuration' ) EQUALITY integerMatch ORDERING " +
    'integerOrderingMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )',
  "attributetype ( 1.3.6.1.4.1.42.2.27.8.1.11 NAME ( 'pwdMaxFailure' ) EQUALITY integerMatch ORDERING " +
    'integerOrderingMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )',
  "attributetype ( 1.3.6.1.4.1.42.2.27.8.1.12 NAME ( 'pwdFailureCountInterval' ) EQUALITY integerMatch ORDERING " +
    'integerOrderingMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )',
  "attributetype ( 1.3.6.1.4.1.42.2.27.8.1.13 NAME ( 'pwdMustChange' ) EQUALITY booleanMatch SYNTAX " +
    '1.3.6.1.4.1.1466.115.121.1.7 SINGLE-VALUE )',
  "attributetype ( 1.3.6.1.4.1.42.2.27.8.1.14 NAME ( 'pwdAllowUserChange' ) EQUALITY booleanMatch SYNTAX " +
    '1.3.6.1.4.1.1466.115.121.1.7 SINGLE-VALUE )',
  "attributetype ( 1.3.6.1.4.1.42.2.27.8.1.15 NAME ( 'pwdSafeModify' ) EQUALITY booleanMatch SYNTAX " +
    '1.3.6.1.4.1.1466.115.121.1.7 SINGLE-VALUE )',
  "attributetype ( 1.3.6.1.4.1.42.2.27.8.1.24 NAME ( 'pwdMinDelay' ) EQUALITY integerMatch SYNTAX " +
    '1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )',
  "attributetype ( 1.3.6.1.4.1.42.2.27.8.1.25 NAME ( 'pwdMaxDelay' ) EQUALITY integerMatch SYNTAX " +
    '1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )',
  "attributetype ( 1.3.6.1.4.1.42.2.27.8.1.26 NAME ( 'pwdMaxIdle' ) EQUALITY integerMatch SYNTAX " +
    '1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )',
  "attributetype ( 1.3.6.1.4.1.42.2.27.8.1.32 NAME ( 'pwdMaxRecordedFailure' ) EQUALITY integerMatch ORDERING " +
    'integerOrderingMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )',
  "attributetype ( 1.3.6.1.4.1.4754.1.99.1 NAME ( 'pwdCheckModule' ) EQUALITY caseExactIA5Match SYNTAX " +
    "1.3.6.1.4.1.1466.115.121.1.26 DESC 'Loadable module that instantiates check_password() function' " +
    'SINGLE-VALUE )',
  "attributetype ( 1.3.6.1.4.1.4754.1.99.2 NAME ( 'pwdCheckModuleArg' ) EQUALITY octetStringMatch SYNTAX " +
    "1.3.6.1.4.1.1466.115.121.1.40 DESC 'Argument to pass to check_password() function' SINGLE-VALUE )",
  "attributetype ( 1.3.6.1.4.1.4754.1.99.3 NAME ( 'pwdUseCheckModule' ) EQUALITY booleanMatch SYNTAX " +
    "1.3.6.1.4.1.1466.115.121.1.7 DESC 'Toggle use of the loaded pwdCheckModule' SINGLE-VALUE )",
  "objectclass ( 1.3.6.1.4.1.4754.2.99.1 NAME 'pwdPolicyChecker' SUP top AUXILIARY MAY ( pwdCheckModule $ " +
    'pwdCheckModuleArg $ pwdUseCheckModule ) )',
  "objectclass ( 1.3.6.1.4.1.42.2.27.8.2.1 NAME 'pwdPolicy' SUP top AUXILIARY MUST ( pwdAttribute ) MAY ( " +
    'pwdMinAge $ pwdMaxAge $ pwdInHistory $ pwdCheckQuality $ pwdMinLength $ pwdMaxLength $ pwdExpireWarning $ ' +
    'pwdGraceAuthNLimit $ pwdGraceExpiry $ pwdLockout $ pwdLockoutDuration $ pwdMaxFailure $ ' +
    'pwdFailureCountInterval $ pwdMustChange $ pwdAllowUserChange $ pwdSafeModify $ pwdMinDelay $ pwdMaxDelay $ ' +
    'pwdMaxIdle $ pwdMaxRecordedFailure ) )',
];
