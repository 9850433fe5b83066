/** `allow`, `disallow`, `require`, `restrict`, `security`: what is allowed at all, before any access rule. */
import { ConfigError, oneOf, requireWords, wholeNumber, type Directive } from './directive.js';
import type { Features, Requirement, RestrictedOperation, SecurityPolicy } from './model.js';

export const defaultFeatures: Features = Object.freeze({
  bindV2: false,
  bindAnonymousWithCredentials: false,
  bindUnauthenticated: false,
  bindAnonymous: true,
  bindSimple: true,
  startTls: true,
  startTlsAuthenticated: true,
  startTlsToAnonymous: true,
  updateAnonymous: false,
  proxyAuthzAnonymous: false,
  proxyAuthzNonCritical: true,
});

export const noSecurity: SecurityPolicy = Object.freeze({
  ssf: 0,
  transport: 0,
  tls: 0,
  sasl: 0,
  simpleBind: 0,
  updateSsf: 0,
  updateTransport: 0,
  updateTls: 0,
  updateSasl: 0,
});

type FeatureChange = Partial<Features> | 'nothing';

const allowWords: ReadonlyMap<string, FeatureChange> = new Map<string, FeatureChange>([
  ['none', 'nothing'],
  ['bind_v2', { bindV2: true }],
  ['bind_anon_cred', { bindAnonymousWithCredentials: true }],
  ['bind_anon_dn', { bindUnauthenticated: true }],
  ['update_anon', { updateAnonymous: true }],
  ['proxy_authz_anon', { proxyAuthzAnonymous: true }],
]);

const disallowWords: ReadonlyMap<string, FeatureChange> = new Map<string, FeatureChange>([
  ['none', 'nothing'],
  ['bind_anon', { bindAnonymous: false }],
  ['bind_simple', { bindSimple: false }],
  ['tls_2_anon', { startTlsToAnonymous: false }],
  ['tls_authc', { startTlsAuthenticated: false }],
  ['proxy_authz_non_critical', { proxyAuthzNonCritical: false }],
  // The dontUseCopy control is not offered, critical or not.
  ['dontusecopy_non_critical', 'nothing'],
]);

export function changeFeatures(features: Features, directive: Directive): Features {
  requireWords(directive, 1);
  const known = directive.name.startsWith('allow') ? allowWords : disallowWords;
  return directive.words.reduce((changed, word) => {
    const change = oneOf(word, directive.name, known);
    return change === 'nothing' ? changed : { ...changed, ...change };
  }, features);
}

const requirements: ReadonlyMap<string, Requirement> = new Map<string, Requirement>([
  ['bind', 'bind'],
  ['ldapv3', 'LDAPv3'],
  ['authc', 'authc'],
  ['sasl', 'SASL'],
  ['strong', 'strong'],
]);

/** `none` comes first and clears what was required so far. */
export function changeRequirements(before: ReadonlySet<Requirement>, directive: Directive): ReadonlySet<Requirement> {
  requireWords(directive, 1);
  const [first, ...rest] = directive.words;
  const clears = first!.toLowerCase() === 'none';
  const added = (clears ? rest : directive.words).map((word) => {
    if (word.toLowerCase() === 'none') throw new ConfigError('"none" must be the first condition of "require"');
    return oneOf(word, 'require', requirements);
  });
  return new Set([...(clears ? [] : before), ...added]);
}

const reads: readonly RestrictedOperation[] = ['search', 'compare'];
const writes: readonly RestrictedOperation[] = ['add', 'modify', 'rename', 'delete'];

export const writeOperations: ReadonlySet<RestrictedOperation> = new Set(writes);

const restrictions: ReadonlyMap<string, readonly RestrictedOperation[]> = new Map<string, readonly RestrictedOperation[]>([
  ['bind', ['bind']],
  ['add', ['add']],
  ['modify', ['modify']],
  ['rename', ['rename']],
  ['modrdn', ['rename']],
  ['delete', ['delete']],
  ['search', ['search']],
  ['compare', ['compare']],
  ['extended', ['extended']],
  ['read', reads],
  ['write', writes],
  ['all', ['bind', 'extended', ...reads, ...writes]],
]);

/** What `restrict extended=` may name: StartTLS, Password Modify, Who am I, Cancel. */
const extendedOperations: ReadonlySet<string> = new Set([
  '1.3.6.1.4.1.1466.20037',
  '1.3.6.1.4.1.4203.1.11.1',
  '1.3.6.1.4.1.4203.1.11.3',
  '1.3.6.1.1.8',
]);

export function restrictedOperations(directive: Directive): readonly RestrictedOperation[] {
  requireWords(directive, 1);
  return directive.words.flatMap((word) => {
    const oid = /^extended=(.*)$/is.exec(word)?.[1];
    if (oid === undefined) return oneOf(word, 'restrict', restrictions);
    if (extendedOperations.has(oid)) return [`extended=${oid}`] as const;
    throw new ConfigError(`"${word}" of "restrict" is not an extended operation (known: ${[...extendedOperations].join(', ')})`);
  });
}

const factors: ReadonlyMap<string, keyof SecurityPolicy> = new Map<string, keyof SecurityPolicy>([
  ['ssf', 'ssf'],
  ['transport', 'transport'],
  ['tls', 'tls'],
  ['sasl', 'sasl'],
  ['simple_bind', 'simpleBind'],
  ['update_ssf', 'updateSsf'],
  ['update_transport', 'updateTransport'],
  ['update_tls', 'updateTls'],
  ['update_sasl', 'updateSasl'],
]);

export function changeSecurity(security: SecurityPolicy, directive: Directive): SecurityPolicy {
  requireWords(directive, 1);
  return directive.words.reduce((changed, word) => {
    const [factor, value, extra] = word.split('=');
    if (value === undefined || extra !== undefined) {
      throw new ConfigError(`"${word}" of "security" is not <factor>=<bits>`);
    }
    return { ...changed, [oneOf(factor!, 'security', factors)]: wholeNumber(value, word) };
  }, security);
}
