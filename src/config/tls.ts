/** The TLS directives. */
import { ConfigError, oneOf, onlyPath, onlyWord, type Directive } from './directive.js';
import { gnutlsPriority } from './gnutls-priority.js';
import type { TlsConfig } from './model.js';

export type TlsDraft = { -readonly [Key in keyof TlsConfig]: TlsConfig[Key] } & {
  /** What TLSProtocolMin says; `protocolMin` and `protocolMax` are what TLSCipherSuite leaves. */
  ownProtocolMin?: TlsConfig['protocolMin'];
};

export function newTlsDraft(): TlsDraft {
  return {
    certificateFile: undefined,
    certificateKeyFile: undefined,
    caCertificateFile: undefined,
    caCertificatePath: undefined,
    crlFile: undefined,
    cipherSuite: undefined,
    dhParamFile: undefined,
    protocolMin: '1.2',
    protocolMax: '1.3',
    verifyClient: 'never',
  };
}

const pathFields = new Map([
  ['tlscertificatefile', 'certificateFile'],
  ['tlscertificatekeyfile', 'certificateKeyFile'],
  ['tlscacertificatefile', 'caCertificateFile'],
  ['tlscacertificatepath', 'caCertificatePath'],
  ['tlscrlfile', 'crlFile'],
  ['tlsdhparamfile', 'dhParamFile'],
] as const);

type PathDirective = Parameters<typeof pathFields.get>[0];

const verifyWords: ReadonlyMap<string, TlsConfig['verifyClient']> = new Map([
  ['never', 'never'],
  ['allow', 'allow'],
  ['try', 'try'],
  ['demand', 'demand'],
  ['hard', 'demand'],
  ['true', 'demand'],
]);

/** False if the directive does not concern TLS. */
export function readTlsDirective(tls: TlsDraft, directive: Directive, cwd: string, warn: (message: string) => void): boolean {
  const path = pathFields.get(directive.name as PathDirective);
  if (path) {
    tls[path] = onlyPath(directive, cwd);
    return true;
  }
  switch (directive.name) {
    case 'tlsciphersuite':
      readCipherSuite(tls, onlyWord(directive), warn);
      return true;
    case 'tlsverifyclient':
      tls.verifyClient = oneOf(onlyWord(directive), directive.name, verifyWords);
      return true;
    case 'tlsprotocolmin':
      tls.ownProtocolMin = protocolMin(onlyWord(directive), warn);
      return true;
    case 'tlscrlcheck':
      if (onlyWord(directive).toLowerCase() !== 'none') {
        throw new ConfigError('TLSCRLCheck is not supported: give the revocation list with TLSCRLFile');
      }
      return true;
    case 'tlsecname':
    case 'tlsrandfile':
      onlyWord(directive);
      warn(`"${directive.name}" has no effect: Node.js chooses curves and random numbers`);
      return true;
    default:
      return false;
  }
}

function readCipherSuite(tls: TlsDraft, text: string, warn: (message: string) => void): void {
  const priority = gnutlsPriority(text, warn);
  tls.cipherSuite = priority?.ciphers ?? text;
  tls.protocolMin = priority?.protocolMin ?? '1.2';
  tls.protocolMax = priority?.protocolMax ?? '1.3';
}

/** slapd writes TLS 1.x as 3.(x+1). */
function protocolMin(text: string, warn: (message: string) => void): TlsConfig['protocolMin'] {
  const found = /^(\d)(?:\.(\d))?$/.exec(text);
  if (!found) throw new ConfigError(`"${text}" of "TLSProtocolMin" is not <major>[.<minor>], such as 3.3 for TLS 1.2`);
  const version = Number(found[1]) * 10 + Number(found[2] ?? 0);
  if (version < 33) warn(`TLSProtocolMin ${text}: TLS 1.2 is the oldest version offered`);
  return version <= 33 ? '1.2' : '1.3';
}

/** Undefined where no TLS is wanted. Throws ConfigError where certificate and key do not come together. */
export function finishTls(tls: TlsDraft, warn: (message: string) => void): TlsConfig | undefined {
  const { certificateFile, certificateKeyFile } = tls;
  if (certificateFile !== undefined && certificateKeyFile === undefined) {
    throw new ConfigError('TLSCertificateFile also needs TLSCertificateKeyFile');
  }
  if (certificateFile === undefined && certificateKeyFile !== undefined) {
    throw new ConfigError('TLSCertificateKeyFile also needs TLSCertificateFile');
  }
  if (tls.verifyClient !== 'never' && tls.caCertificateFile === undefined && tls.caCertificatePath === undefined) {
    throw new ConfigError('TLSVerifyClient needs TLSCACertificateFile or TLSCACertificatePath to verify with');
  }
  const { ownProtocolMin, ...config } = tls;
  if (ownProtocolMin === '1.3') config.protocolMin = '1.3';
  if (config.protocolMin > config.protocolMax) throw new ConfigError('TLSProtocolMin and TLSCipherSuite leave no version of TLS');
  if (certificateFile !== undefined) return config;
  warn('TLS directives without TLSCertificateFile: no TLS is offered');
  return undefined;
}
