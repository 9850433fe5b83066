/** An `access to ...` directive, parsed (slapd.access(5)). */
import type { Filter } from '../ldap/filter.js';
import type { AttributeDescription, MatchingRule, ObjectClass } from '../ldap/schema.js';
import type { NameScope } from './names.js';
import type { Grant } from './privileges.js';
import type { SetExpression } from './set.js';
import type { Template } from './template.js';

/** Names are normalised DNs. */
export type WhatName =
  | { readonly kind: 'any' }
  | { readonly kind: 'scope'; readonly scope: NameScope; readonly name: string }
  | { readonly kind: 'regex'; readonly regex: RegExp };

export type AttributeSelector =
  | { readonly kind: 'description'; readonly description: AttributeDescription }
  | { readonly kind: 'entry' | 'children' }
  /** `@class`: what the class requires or allows; `!class`: everything else. */
  | { readonly kind: 'class' | 'notClass'; readonly objectClass: ObjectClass };

export type WhatValue =
  | { readonly kind: 'regex'; readonly regex: RegExp }
  | { readonly kind: 'equals'; readonly rule: MatchingRule; readonly normalized: string }
  | { readonly kind: 'name'; readonly scope: NameScope; readonly name: string };

export interface What {
  readonly name: WhatName;
  /** Undefined: every attribute, the entry itself and its children. */
  readonly attributes: readonly AttributeSelector[] | undefined;
  readonly value: WhatValue | undefined;
  readonly filter: Filter | undefined;
}

/** A name's relation to a pattern: one of the scopes, or so many levels below. */
export type WhoStyle = NameScope | { readonly level: number };

/** A text of the connection (peer, listener) against a pattern. Exact comparison ignores case. */
export type TextTest =
  | { readonly kind: 'any' }
  | { readonly kind: 'exact'; readonly text: string }
  | { readonly kind: 'expand'; readonly template: Template }
  | { readonly kind: 'regex'; readonly regex: RegExp }
  | { readonly kind: 'expandRegex'; readonly template: Template };

export type PeerTest =
  | TextTest
  /** The address's bytes after masking; `port` undefined: any. */
  | { readonly kind: 'ip' | 'ipv6'; readonly address: Buffer; readonly mask: Buffer; readonly port: number | undefined }
  | { readonly kind: 'path'; readonly path: string };

/** One condition on the subject; `real`: on the name that was bound rather than the one authorized. */
export type Who =
  | { readonly kind: 'anyone' }
  | { readonly kind: 'anonymous' | 'users'; readonly real: boolean }
  /** Positive: the subject's ancestor so many levels up is the entry; negative: the entry's is the subject. */
  | { readonly kind: 'self'; readonly real: boolean; readonly level: number }
  | { readonly kind: 'name'; readonly real: boolean; readonly style: WhoStyle; readonly name: string }
  | { readonly kind: 'nameExpand'; readonly real: boolean; readonly style: WhoStyle; readonly template: Template }
  | { readonly kind: 'nameRegex'; readonly real: boolean; readonly regex: RegExp }
  | { readonly kind: 'nameExpandRegex'; readonly real: boolean; readonly template: Template }
  | { readonly kind: 'nameAttribute'; readonly real: boolean; readonly description: AttributeDescription }
  | {
      readonly kind: 'group';
      readonly group: string | Template;
      readonly objectClass: ObjectClass;
      readonly member: AttributeDescription;
    }
  | { readonly kind: 'peername'; readonly test: PeerTest }
  | { readonly kind: 'sockname' | 'sockurl'; readonly test: TextTest }
  | { readonly kind: 'set'; readonly set: SetExpression }
  | { readonly kind: 'ssf'; readonly factor: 'ssf' | 'transportSsf' | 'tlsSsf' | 'saslSsf'; readonly minimum: number };

export type Control = 'stop' | 'continue' | 'break';

/** One `by ...`: holds where all its conditions do. */
export interface ByClause {
  readonly who: readonly Who[];
  readonly grant: Grant;
  readonly control: Control;
}

export interface AccessRule {
  /** Where it was written; line counts from 1. */
  readonly file: string;
  readonly line: number;
  readonly what: What;
  readonly by: readonly ByClause[];
}
