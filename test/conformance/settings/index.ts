/** All settings, by name. */
import { aliases } from './aliases.js';
import { constraint } from './constraint.js';
import { criticality } from './criticality.js';
import { deref } from './deref.js';
import { dyngroup, dynlist, dynlistMapped, dynlistMembers, dynlistNested } from './dynlist.js';
import { extras } from './extras.js';
import { glued } from './glued.js';
import { identities } from './identities.js';
import { limits } from './limits.js';
import { limitsWho } from './limits-who.js';
import { memberof, memberofDrop, memberofError, memberofRefint, memberofTwice } from './memberof.js';
import { monitor } from './monitor.js';
import { ordered } from './ordered.js';
import { paging } from './paging.js';
import { changes, expiry, lockout } from './passwords.js';
import { privileges } from './privileges.js';
import { proxyAll, proxyAny } from './proxy.js';
import { referrals } from './referrals.js';
import { replicas, replicasOfOthers } from './replicas.js';
import { restrictedExtended, restrictedPasswords, restrictedWhoAmI, restrictions } from './restrictions.js';
import { rules } from './rules.js';
import { schemas } from './schemas.js';
import type { Setting } from './setting.js';
import { sorted } from './sorted.js';
import { valsort } from './valsort.js';
import { uniqueFilter, uniqueIgnore, uniqueLegacy, uniqueStrict } from './unique-forms.js';
import { transactions } from './transactions.js';
import { refint, refintOverlay, unique, uniqueOverlay } from './uniqueness.js';
import { urlGroups } from './url-groups.js';
import { virtualLists } from './virtual-lists.js';
import { wholeTree } from './whole-tree.js';

export const settings: Readonly<Record<string, Setting>> = {
  limits,
  glued,
  aliases,
  referrals,
  identities,
  'proxy-any': proxyAny,
  'proxy-all': proxyAll,
  restrictions,
  'whole-tree': wholeTree,
  rules,
  sorted,
  'virtual-lists': virtualLists,
  ordered,
  extras,
  monitor,
  paging,
  criticality,
  'limits-who': limitsWho,
  privileges,
  unique,
  'unique-overlay': uniqueOverlay,
  'unique-filter': uniqueFilter,
  'unique-ignore': uniqueIgnore,
  'unique-strict': uniqueStrict,
  'unique-legacy': uniqueLegacy,
  'refint-overlay': refintOverlay,
  schemas,
  deref,
  valsort,
  dynlist,
  'dynlist-members': dynlistMembers,
  'dynlist-nested': dynlistNested,
  'dynlist-mapped': dynlistMapped,
  dyngroup,
  'url-groups': urlGroups,
  constraint,
  memberof,
  'memberof-refint': memberofRefint,
  'memberof-drop': memberofDrop,
  'memberof-error': memberofError,
  'memberof-twice': memberofTwice,
  'restricted-extended': restrictedExtended,
  'restricted-passwords': restrictedPasswords,
  'restricted-who-am-i': restrictedWhoAmI,
  refint,
  transactions,
  replicas,
  'replicas-of-others': replicasOfOthers,
  'password-lockout': lockout,
  'password-expiry': expiry,
  'password-changes': changes,
};
