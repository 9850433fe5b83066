/** All settings, by name. */
import { aliases } from './aliases.js';
import { extras } from './extras.js';
import { glued } from './glued.js';
import { limits } from './limits.js';
import { monitor } from './monitor.js';
import { proxyAll, proxyAny } from './proxy.js';
import { referrals } from './referrals.js';
import { restrictions } from './restrictions.js';
import { rules } from './rules.js';
import type { Setting } from './setting.js';
import { sorted } from './sorted.js';
import { wholeTree } from './whole-tree.js';

export const settings: Readonly<Record<string, Setting>> = {
  limits,
  glued,
  aliases,
  referrals,
  'proxy-any': proxyAny,
  'proxy-all': proxyAll,
  restrictions,
  'whole-tree': wholeTree,
  rules,
  sorted,
  extras,
  monitor,
};
