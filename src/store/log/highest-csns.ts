/** The highest CSN of each server among the entries of a load, found without making a string of each. */
import type { AttributeDictionary } from '../../entry/dictionary.js';
import type { EntryRecord } from '../../entry/record.js';
import { CsnSet } from '../../ldap/csn.js';
import type { AttributeDescription } from '../../ldap/schema.js';

/** `20261123110000.123456Z#000000#000#000000`: where the server's id is, and how long the whole is. */
const sidStart = 30;
const sidEnd = 33;
const csnLength = 40;

export class HighestCsns {
  readonly #bySid = new Map<string, Buffer>();
  readonly #description: AttributeDescription | undefined;
  #number = -1;
  #others = CsnSet.empty;

  constructor(private readonly dictionary: AttributeDictionary) {
    this.#description = dictionary.schema.attributeDescription('entryCSN');
  }

  note(record: EntryRecord): void {
    if (this.#number < 0) this.#number = (this.#description && this.dictionary.number(this.#description)) ?? -1;
    const index = this.#number < 0 ? -1 : record.indexOf(this.#number);
    if (index >= 0) record.someValue(index, this.#noteBytes);
  }

  readonly #noteBytes = (buffer: Buffer, start: number, end: number): boolean => {
    if (end - start !== csnLength) {
      this.noteText(buffer.toString('latin1', start, end));
      return false;
    }
    const sid = buffer.toString('latin1', start + sidStart, start + sidEnd);
    const highest = this.#bySid.get(sid);
    if (!highest || buffer.compare(highest, 0, csnLength, start, end) > 0) {
      this.#bySid.set(sid, Buffer.from(buffer.subarray(start, end)));
    }
    return false;
  };

  noteText(csn: string): void {
    this.#others = this.#others.with(csn);
  }

  set(): CsnSet {
    return [...this.#bySid.values()].reduce((set: CsnSet, csn) => set.with(csn.toString('latin1')), this.#others);
  }
}
