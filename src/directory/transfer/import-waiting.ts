/** Holds entries of an import that came before their parents, in bounded memory, until those come. */
import type { EntryDraft } from '../../entry/draft.js';
import { LdapError, ResultCode } from '../../ldap/result.js';
import { parentNdn } from './import-parents.js';

/** Bytes of values that may wait. */
const waitingBytesMax = 512 * 1_024 * 1_024;

/** An entry of the LDIF that has passed the schema. */
export interface ReadEntry {
  readonly entry: EntryDraft;
  readonly flags: number;
  readonly line: number;
  /** As written. */
  readonly name: Buffer;
}

export class WaitingEntries {
  /** By the normalised name of the parent. */
  readonly #byParent = new Map<string, ReadEntry[]>();
  #bytes = 0;

  get isEmpty(): boolean {
    return this.#byParent.size === 0;
  }

  /** Throws 11 when too much waits. */
  add({ entry, flags, line, name }: ReadEntry): void {
    this.#bytes += sizeOf(entry);
    if (this.#bytes > waitingBytesMax) {
      throw new LdapError(
        ResultCode.adminLimitExceeded,
        'too many entries come before their parents; put parents first in the LDIF',
      );
    }
    // Values are views of the text around them, which must not stay in memory for one entry's sake.
    for (const attribute of entry.attributes.values()) attribute.values = attribute.values.map((value) => Buffer.from(value));
    const waiting = { entry, flags, line, name: Buffer.from(name) };
    const ndn = parentNdn(entry.dn);
    const siblings = this.#byParent.get(ndn);
    if (siblings) siblings.push(waiting);
    else this.#byParent.set(ndn, [waiting]);
  }

  /** Takes out the children of the entry named `ndn`, in the order in which they came. */
  release(ndn: string): ReadEntry[] {
    const children = this.#byParent.get(ndn) ?? [];
    this.#byParent.delete(ndn);
    for (const { entry } of children) this.#bytes -= sizeOf(entry);
    return children;
  }

  /** All that still wait, in the order of the LDIF. */
  orphans(): ReadEntry[] {
    return [...this.#byParent.values()].flat().sort((a, b) => a.line - b.line);
  }
}

function sizeOf(entry: EntryDraft): number {
  let bytes = entry.dn.normalized.length;
  for (const { values } of entry.attributes.values()) for (const value of values) bytes += value.length;
  return bytes;
}
