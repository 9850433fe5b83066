/**
 * Learns from logins which slow hashes a directory's users have, so that a login that fails without one can be made to take
 * as long as the others. Otherwise the time would reveal which names exist if `password-hash` is a fast scheme but users
 * bring slow hashes from elsewhere.
 */
import { parseStoredPassword } from './scheme.js';

/** A form counts only if this many entries have it, so that one user's costly hash does not slow down others' failures. */
const entriesMin = 2;
/** Entries that are counted for each form, and forms that are known. */
const entriesMax = 64;
const formsMax = 32;

interface Form {
  /** A stored value that has it. */
  readonly sample: Buffer;
  readonly entries: Set<string>;
}

export class SlowForms {
  readonly #forms = new Map<string, Form>();
  #usual: Form | undefined;

  /** A value of the form that most entries have; undefined where none is known. */
  get usual(): Buffer | undefined {
    return this.#usual?.sample;
  }

  /** The entry named `ndn` has this value, a slow hash. */
  note(ndn: string, stored: Buffer): void {
    const name = formOf(stored);
    if (name === undefined) return;
    let form = this.#forms.get(name);
    if (!form) {
      if (this.#forms.size >= formsMax) return;
      this.#forms.set(name, (form = { sample: Buffer.from(stored), entries: new Set() }));
    }
    if (form.entries.size < entriesMax) form.entries.add(ndn);
    const { size } = form.entries;
    if (size >= entriesMin && size > (this.#usual?.entries.size ?? 0)) this.#usual = form;
  }
}

/** What decides how long a hash takes: its scheme with its parameters. */
function formOf(stored: Buffer): string | undefined {
  const parsed = parseStoredPassword(stored);
  switch (parsed.kind) {
    case 'crypt':
      return /^\$2[aby]\$\d\d|^\$[156]\$(?:rounds=\d+)?/.exec(parsed.hash)?.[0] ?? 'des';
    case 'pbkdf2':
      return `pbkdf2 ${parsed.digest} ${parsed.iterations}`;
    case 'scram':
      return `scram ${parsed.secret.iterations}`;
    case 'clear':
    case 'digest':
    case 'never':
      return undefined;
  }
}
