/** The directed script's groups, in the order in which they run. */
import type { Step } from '../contestant.js';
import { accessSteps } from './access.js';
import { addSteps } from './add.js';
import { bindSteps } from './bind.js';
import { controlSteps } from './controls.js';
import { compareSteps, deleteSteps } from './delete.js';
import { filterSteps } from './filters.js';
import { jammSteps } from './jamm.js';
import { modifySteps } from './modify.js';
import { nameSteps } from './names.js';
import { passwordSteps } from './password.js';
import { renameSteps } from './rename.js';
import { rootDseSteps } from './root-dse.js';
import { searchSteps } from './search.js';

/** Searches of the sample tree come first, while it is still as it was loaded. */
export const groups: Readonly<Record<string, readonly Step[]>> = {
  search: searchSteps,
  'root-dse': rootDseSteps,
  compare: compareSteps,
  bind: bindSteps,
  add: addSteps,
  modify: modifySteps,
  rename: renameSteps,
  delete: deleteSteps,
  filters: filterSteps,
  names: nameSteps,
  password: passwordSteps,
  controls: controlSteps,
  jamm: jammSteps,
  access: accessSteps,
};
