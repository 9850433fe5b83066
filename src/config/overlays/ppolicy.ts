/** `ppolicy`: what the database's passwords must satisfy, how long they last, and how often one may be guessed wrong. */
import type { DN } from '../../dn/dn.js';
import { ConfigError, distinguishedName, onlyWord, onOff, requireWords, type Directive } from '../directive.js';
import { defineOverlay, type OverlayOption } from './definition.js';
import { ppolicySchema } from './ppolicy-schema.js';
import type { PpolicySettings } from './settings.js';

type Switch = 'hashCleartext' | 'useLockout' | 'disableWrite' | 'sendNetscapeControls';

interface PpolicyDraft extends Record<Switch, boolean> {
  defaultPolicy: DN | undefined;
  usesBuiltinChecks: boolean;
}

/** The one module of password checks that there is (docs/security.md). */
export const builtinChecks = 'builtin';

export const ppolicyOverlay = defineOverlay<PpolicyDraft>({
  name: 'ppolicy',
  olcClass: 'olcPPolicyConfig',
  repeatable: false,
  schema: ppolicySchema,
  attributeNames: ['pwdAttribute'],
  options: [
    {
      name: 'ppolicy_default',
      olc: 'olcPPolicyDefault',
      read: (draft, directive, { reader }) => {
        draft.defaultPolicy = distinguishedName(onlyWord(directive), directive.name, reader.schema);
      },
    },
    switchOption('ppolicy_hash_cleartext', 'olcPPolicyHashCleartext', 'hashCleartext'),
    switchOption('ppolicy_use_lockout', 'olcPPolicyUseLockout', 'useLockout'),
    switchOption('ppolicy_disable_write', 'olcPPolicyDisableWrite', 'disableWrite'),
    switchOption('ppolicy_send_netscape_controls', 'olcPPolicySendNetscapeControls', 'sendNetscapeControls'),
    {
      name: 'ppolicy_forward_updates',
      olc: 'olcPPolicyForwardUpdates',
      read: (_, directive, { reader }) => {
        if (isOn(directive)) reader.warn(directive, `"${directive.name}" has no effect: what a bind changes is written here`);
      },
    },
    {
      name: 'ppolicy_check_module',
      olc: 'olcPPolicyCheckModule',
      read: (draft, directive) => {
        const module = onlyWord(directive);
        if (module !== builtinChecks) {
          throw new ConfigError(
            `"${directive.name}": modules cannot be loaded; write "${directive.name} ${builtinChecks}", and in the policy ` +
              'pwdUseCheckModule: TRUE and pwdCheckModuleArg, as in docs/security.md',
          );
        }
        draft.usesBuiltinChecks = true;
      },
    },
  ],
  begin: () => ({
    defaultPolicy: undefined,
    hashCleartext: false,
    useLockout: false,
    disableWrite: false,
    sendNetscapeControls: false,
    usesBuiltinChecks: false,
  }),
  finish: (draft): PpolicySettings => ({ kind: 'ppolicy', ...draft }),
});

function switchOption(name: string, olc: string, field: Switch): OverlayOption<PpolicyDraft> {
  return {
    name,
    olc,
    read: (draft, directive) => {
      draft[field] = isOn(directive);
    },
  };
}

/** As slapd: the directive by itself switches on. */
function isOn(directive: Directive): boolean {
  requireWords(directive, 0, 1);
  return directive.words.length === 0 || onOff(directive);
}
