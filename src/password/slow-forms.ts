/**
 * Learns from logins which slow hashes a directory's users have, so that a login that fails without one can be made to take
 * as long as the others. Otherwise the time would reveal which names exist if `password-hash` is a fast scheme but users
 * bring slow hashes from elsewhere.
 */
import type { CryptHash } from './crypt-forms.js';
import { parseStoredPassword, type StoredPassword } from './scheme.js';

/** A form counts only if this many entries have it, so that one user's costly hash does not slow down others' failures. */
const entriesMin = 2;
/** Entries that are counted for each form, and forms that are known. */
const entriesMax = 64;
const formsMax = 32;

/** What a SCRAM server tells of a stored value before the password is proven, but for the salt itself. */
export interface ScramForm {
  readonly iterations: number;
  readonly saltBytes: number;
}

interface Form {
  /** A stored value that has it. */
  readonly sample: Buffer;
  /** For those of SCRAM. */
  readonly scram: ScramForm | undefined;
  readonly entries: Set<string>;
}

export class SlowForms {
  readonly #forms = new Map<string, Form>();
  #usual: Form | undefined;
  #usualScram: Form | undefined;

  /** A value of the form that most entries have; undefined where none is known. */
  get usual(): Buffer | undefined {
    return this.#usual?.sample;
  }

  /** The form that most {SCRAM-SHA-256} values have; undefined where none is known. */
  get usualScram(): ScramForm | undefined {
    return this.#usualScram?.scram;
  }

  /** The entry named `ndn` has this value, a slow hash. */
  note(ndn: string, stored: Buffer): void {
    const parsed = parseStoredPassword(stored);
    const name = formOf(parsed);
    if (name === undefined) return;
    let form = this.#forms.get(name);
    if (!form) {
      if (this.#forms.size >= formsMax) return;
      form = { sample: Buffer.from(stored), scram: scramFormOf(parsed), entries: new Set() };
      this.#forms.set(name, form);
    }
    if (form.entries.size < entriesMax) form.entries.add(ndn);
    const { size } = form.entries;
    if (size < entriesMin) return;
    if (size > (this.#usual?.entries.size ?? 0)) this.#usual = form;
    if (form.scram && size > (this.#usualScram?.entries.size ?? 0)) this.#usualScram = form;
  }
}

function scramFormOf(parsed: StoredPassword): ScramForm | undefined {
  return parsed.kind === 'scram' ? { iterations: parsed.secret.iterations, saltBytes: parsed.secret.salt.length } : undefined;
}

/** What decides how long a hash takes, its scheme with its parameters; and what SCRAM tells of it. */
function formOf(parsed: StoredPassword): string | undefined {
  switch (parsed.kind) {
    case 'crypt':
      return cryptFormOf(parsed.read);
    case 'argon2': {
      const { type, memoryKibibytes, iterations, parallelism } = parsed.hash;
      return `${type} ${memoryKibibytes} ${iterations} ${parallelism}`;
    }
    case 'pbkdf2':
      return `pbkdf2 ${parsed.digest} ${parsed.iterations}`;
    case 'scram':
      return `scram ${parsed.secret.iterations} ${parsed.secret.salt.length}`;
    case 'clear':
    case 'digest':
    case 'sasl':
    case 'never':
      return undefined;
  }
}

function cryptFormOf(hash: CryptHash): string {
  switch (hash.method) {
    case 'bcrypt':
      return hash.setting.slice(0, 6);
    case 'scrypt':
    case 'yescrypt':
    case 'gost-yescrypt':
      return `${hash.method} ${Object.values(hash.parameters).join(' ')}`;
    case 'sha1':
    case 'sha256':
    case 'sha512':
    case 'sunmd5':
      return `${hash.method} ${hash.rounds ?? ''}`;
    case 'bsdi':
      return hash.salt.slice(0, 5);
    case 'des':
    case 'big':
    case 'md5':
    case 'nt':
      return hash.method;
  }
}
