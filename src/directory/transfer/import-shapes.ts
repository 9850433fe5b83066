/**
 * Speeds up imports with trusted values. Entries of one shape (the same attributes in the same order, the same object
 * classes) either all obey the schema or none does, and an import has very many entries of few shapes. So the first entry
 * of each shape is checked in full, and records of those like it are made straight from the LDIF's lines.
 */
import type { DN } from '../../dn/dn.js';
import type { EntryDraft } from '../../entry/draft.js';
import { userAttributesFirst } from '../../entry/record.js';
import { RecordTemplate, type TemplateAttribute, type ValueRange } from '../../entry/template.js';
import type { LogicalLine } from '../../ldif/lines.js';
import { skipBlanks } from '../../ldif/record.js';
import type { AttributeDescription, Schema } from '../../ldap/schema.js';
import { generalizedTime, type ChangeStamp } from '../rules/operational.js';
import { writeRandomUuid } from './random-uuid.js';
import { wellKnownOf, type WellKnown } from '../rules/schema-check.js';

/** More different lines than this are not worth remembering: such an import has no shapes. */
const stepsMax = 5_000;
/** Lines that may follow one and the same beginning; they are tried one after the other. */
const stepsOfNodeMax = 12;

/** What the first line of a record that has a shape starts with. */
export const nameLineStart = Buffer.from('dn:');

const colon = 0x3a;
const less = 0x3c;

/** What a line may begin with: its type and colon, and for an object class all of it. */
interface Step {
  readonly start: Buffer;
  readonly isWhole: boolean;
  readonly node: ShapeNode;
}

interface ShapeNode {
  readonly steps: Step[];
  /** Of the records that end here. */
  shape: EntryShape | undefined;
}

export class ImportShapes {
  readonly #schema: Schema;
  readonly #restamps: boolean;
  readonly #root: ShapeNode = { steps: [], shape: undefined };
  #steps = 0;

  /** `restamps`: entries get CSNs of their own, whatever the LDIF says. */
  constructor(schema: Schema, restamps: boolean) {
    this.#schema = schema;
    this.#restamps = restamps;
  }

  /** The shape of a record, its lines beginning with that of its name. Undefined: none that is known. */
  find(lines: readonly LogicalLine[]): EntryShape | undefined {
    if (!isNameLine(lines[0]!)) return undefined;
    let node = this.#root;
    for (let index = 1; index < lines.length; index++) {
      const next = stepOf(node, lines[index]!);
      if (!next) return undefined;
      node = next.node;
    }
    return node.shape;
  }

  /** Remembers what a record's lines came to, if others that look like it must come to the same. */
  learn(lines: readonly LogicalLine[], entry: EntryDraft, flags: number): void {
    if (this.#steps >= stepsMax || !isNameLine(lines[0]!)) return;
    const descriptions = lines.slice(1).map((line) => plainDescription(line, this.#schema));
    if (!descriptions.every((description) => description !== undefined)) return;
    const shape = EntryShape.of(lines, descriptions, entry, flags, this.#schema, this.#restamps);
    if (!shape) return;
    let node = this.#root;
    for (const [index, description] of descriptions.entries()) {
      const known = stepOf(node, lines[index + 1]!);
      if (!known && node.steps.length >= stepsOfNodeMax) return;
      node = known?.node ?? this.#addStep(node, lines[index + 1]!, description);
    }
    node.shape = shape;
  }

  #addStep(node: ShapeNode, { text, start, end }: LogicalLine, description: AttributeDescription): ShapeNode {
    const isWhole = description === wellKnownOf(this.#schema).objectClass;
    const stepEnd = isWhole ? end : text.indexOf(colon, start) + 1;
    const next: ShapeNode = { steps: [], shape: undefined };
    node.steps.push({ start: Buffer.from(text.subarray(start, stepEnd)), isWhole, node: next });
    this.#steps++;
    return next;
  }
}

function stepOf(node: ShapeNode, line: LogicalLine): Step | undefined {
  for (let index = 0; index < node.steps.length; index++) {
    const step = node.steps[index]!;
    if (!startsWith(line, step.start)) continue;
    if (step.isWhole ? line.end - line.start !== step.start.length : !isPlain(line, step.start.length)) continue;
    // Brothers mostly look alike: the next one tries this step first.
    node.steps[index] = node.steps[0]!;
    node.steps[0] = step;
    return step;
  }
  return undefined;
}

/** `dn: ...`; other ways to write it are rare. */
function isNameLine(line: LogicalLine): boolean {
  return startsWith(line, nameLineStart) && isPlain(line, nameLineStart.length);
}

function startsWith({ text, start, end }: LogicalLine, beginning: Buffer): boolean {
  const { length } = beginning;
  if (end - start < length) return false;
  for (let index = 0; index < length; index++) if (text[start + index] !== beginning[index]) return false;
  return true;
}

/** Is the value written as it is, and not as base64 or in a file? `typeBytes`: up to the colon and with it. */
function isPlain({ text, start, end }: LogicalLine, typeBytes: number): boolean {
  const next = start + typeBytes;
  return next >= end || (text[next] !== colon && text[next] !== less);
}

/** What the line gives a value of; undefined where it is not plainly `type: value`. */
function plainDescription(line: LogicalLine, schema: Schema): AttributeDescription | undefined {
  const typeEnd = line.text.indexOf(colon, line.start);
  if (typeEnd < 0 || typeEnd >= line.end || !isPlain(line, typeEnd + 1 - line.start)) return undefined;
  return schema.attributeDescription(line.text.toString('latin1', line.start, typeEnd));
}

/** Values of a shape's entries that are not in the LDIF, and differ. */
interface StampedValues {
  readonly uuid: Buffer | undefined;
  readonly csn: Buffer | undefined;
  readonly times: readonly Buffer[];
}

/** One shape: fills the template of its records from lines. */
export class EntryShape {
  /** By value of the template: the line that gives it, and where the value may start in the line. */
  readonly #lines: readonly number[];
  readonly #valueOffsets: readonly number[];
  /** Values of the template that are of the attribute that names the entry. */
  readonly #naming: readonly number[];
  readonly #namingType: AttributeDescription['type'];
  readonly #stamped: StampedValues;
  #time = '';
  readonly template: RecordTemplate;
  readonly flags: number;
  readonly #passwords: readonly ValueRange[];

  private constructor(
    entry: EntryDraft,
    lines: readonly LogicalLine[],
    fields: { attributes: readonly TemplateAttribute[]; lineOfValue: readonly number[]; naming: readonly number[] },
    flags: number,
    known: WellKnown,
  ) {
    this.template = new RecordTemplate(entry.dn, fields.attributes);
    this.flags = flags;
    this.#lines = fields.lineOfValue;
    this.#valueOffsets = fields.lineOfValue.map((at) => lines[at]!.text.indexOf(colon, lines[at]!.start) + 1 - lines[at]!.start);
    this.#naming = fields.naming;
    this.#namingType = entry.dn.rdn!.avas[0]!.type;
    const { template } = this;
    this.#passwords = template.rangesOf(known.userPassword);
    this.#stamped = {
      uuid: template.stamp(known.entryUUID),
      csn: template.stamp(known.entryCSN),
      times: [known.createTimestamp, known.modifyTimestamp].flatMap((description) => template.stamp(description) ?? []),
    };
  }

  /** Undefined where records of the same lines may come to something else. `descriptions`: of the lines from the second on. */
  static of(
    lines: readonly LogicalLine[],
    descriptions: readonly AttributeDescription[],
    entry: EntryDraft,
    flags: number,
    schema: Schema,
    restamps: boolean,
  ): EntryShape | undefined {
    const known = wellKnownOf(schema);
    const stamped = new Set([known.entryUUID, known.entryCSN, known.createTimestamp, known.modifyTimestamp]);
    const authored = new Set([known.creatorsName, known.modifiersName]);
    const avas = entry.dn.rdn?.avas;
    if (avas?.length !== 1) return undefined;
    const attributes: TemplateAttribute[] = [];
    const lineOfValue: number[] = [];
    const naming: number[] = [];
    for (const { description, values } of userAttributesFirst(entry)) {
      const isIgnored = restamps && description === known.entryCSN;
      const own = isIgnored ? [] : descriptions.flatMap((candidate, index) => (candidate === description ? [index + 1] : []));
      if (own.length === 0 && stamped.has(description)) {
        attributes.push({ description, stamp: values[0]! });
        continue;
      }
      if (description === known.structuralObjectClass || (own.length === 0 && authored.has(description))) {
        attributes.push({ description, constant: values });
        continue;
      }
      // Values that the lines do not give, or in another order: a naming value that was put in, two spellings of a type.
      if (own.length !== values.length || !own.every((at, index) => valueIs(lines[at]!, values[index]!))) return undefined;
      if (description.type === avas[0]!.type && description.options.length === 0) {
        naming.push(...own.map((_, index) => lineOfValue.length + index));
      } else if (description === known.objectClass) {
        // Of these lines a shape has all, not just the beginning.
        attributes.push({ description, constant: values });
        continue;
      }
      attributes.push({ description, values: own.length });
      lineOfValue.push(...own);
    }
    if (naming.length === 0) return undefined;
    return new EntryShape(entry, lines, { attributes, lineOfValue, naming }, flags, known);
  }

  /** Makes the template ready for the record of these lines. False where the name's value is not among them as it stands. */
  fill(lines: readonly LogicalLine[], dn: DN, stamp: ChangeStamp): boolean {
    const { values } = this.template;
    for (let index = 0; index < values.length; index++) {
      const { text, start, end } = lines[this.#lines[index]!]!;
      const value = values[index]!;
      value.text = text;
      value.start = skipBlanks(text, start + this.#valueOffsets[index]!, end);
      value.end = end;
    }
    if (!this.#isNamedBy(dn)) return false;
    this.template.dn = dn;
    this.#stamp(stamp);
    return true;
  }

  /** Of the entry that the template was filled for. */
  get passwords(): readonly Buffer[] {
    return this.#passwords.map(({ text, start, end }) => text.subarray(start, end));
  }

  #isNamedBy(dn: DN): boolean {
    const avas = dn.rdn!.avas;
    const { type, value } = avas[0]!;
    if (avas.length !== 1 || type !== this.#namingType) return false;
    return this.#naming.some((at) => {
      const { text, start, end } = this.template.values[at]!;
      return value.length === end - start && value.compare(text, start, end) === 0;
    });
  }

  #stamp({ time, csn }: ChangeStamp): void {
    if (this.#stamped.uuid) writeRandomUuid(this.#stamped.uuid);
    if (this.#stamped.csn) overwrite(this.#stamped.csn, csn);
    const text = generalizedTime(time);
    if (text === this.#time) return;
    this.#time = text;
    for (const value of this.#stamped.times) overwrite(value, text);
  }
}

/** ASCII in place of what there was, of the same length. */
function overwrite(value: Buffer, text: string): void {
  for (let index = 0; index < text.length; index++) value[index] = text.charCodeAt(index);
}

/** Does the line give this very value? */
function valueIs({ text, start, end }: LogicalLine, value: Buffer): boolean {
  return text.subarray(skipBlanks(text, text.indexOf(colon, start) + 1, end), end).equals(value);
}
