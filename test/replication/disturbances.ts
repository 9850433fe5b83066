/** What happens to a provider and its replica while the random writes go on. */
import type { ReferenceServer } from '../support/reference-server.js';
import { suffix, type RandomChanges } from './random-changes.js';
import { write } from './support.js';

/** Some writes, and perhaps something happens to one side. Answers what. */
export async function disturb(random: RandomChanges, provider: ReferenceServer, replica: ReferenceServer): Promise<string> {
  const [what, one, other] = random.pick([
    ['replica killed', replica, replica],
    ['provider killed', provider, provider],
    ['replica away', replica, undefined],
    ['undisturbed', undefined, undefined],
  ] as const);
  if (one === undefined) {
    await write(provider, random.ldif(20));
    return what;
  }
  if (other === undefined) {
    await one.halt();
    await write(provider, random.ldif(25));
    await one.resume();
    return what;
  }
  await write(provider, random.ldif(10));
  const writing = write(provider, random.ldif(30)).catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, random.below(120)));
  await one.halt('SIGKILL');
  await writing;
  await one.resume();
  await write(provider, random.ldif(5));
  return what;
}

/** More than the log holds. `swaps`: entries may exchange their names. */
export function beyondTheLog(random: RandomChanges, options: { readonly swaps: boolean }): string {
  let ldif = random.ldif(30, options) + random.renames(12);
  for (let n = 0; n < 1_050; n++) ldif += `dn: ${suffix}\nchangetype: modify\nreplace: description\ndescription: ${n}\n\n`;
  return ldif + random.ldif(10, options);
}
