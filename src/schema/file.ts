/** Reads `.schema` files outside a slapd.conf: the built-in ones, and those of tests. */
import { readFileSync } from 'node:fs';
import { SchemaError, type SchemaBuilder } from './builder.js';

/**
 * Adds what a `.schema` file holds. A directive that has nothing to do with schema goes to `onUnknown` (slapd goes on
 * then, and one of the files that come with it has such a line). Throws SchemaError, its message with file and line,
 * or what reading the file throws.
 */
export function addSchemaFile(builder: SchemaBuilder, file: string, onUnknown: (message: string) => void = refuseUnknown): void {
  for (const { line, text } of logicalLines(readFileSync(file, 'utf8'))) {
    const [, directive, argument] = /^(\S+)\s*(.*)$/s.exec(text)!;
    const place = `${file}: line ${line}: `;
    try {
      if (!addDirective(builder, directive!, argument!)) onUnknown(`${place}'${directive}' is no schema directive`);
    } catch (error) {
      if (!(error instanceof SchemaError) || error.message.startsWith(place)) throw error;
      throw new SchemaError(place + error.message, { cause: error });
    }
  }
}

function refuseUnknown(message: string): void {
  throw new SchemaError(message);
}

/** False where the directive is not one of schema files. */
function addDirective(builder: SchemaBuilder, directive: string, argument: string): boolean {
  switch (directive.toLowerCase()) {
    case 'attributetype':
    case 'attribute':
      builder.attributeType(argument);
      return true;
    case 'objectclass':
      builder.objectClass(argument);
      return true;
    case 'objectidentifier':
      builder.objectIdentifier(argument);
      return true;
    case 'ditcontentrule':
      builder.ditContentRule(argument);
      return true;
    case 'ldapsyntax':
      builder.ldapSyntax(argument);
      return true;
    case 'attributeoptions':
    case 'attributeoption':
      builder.attributeOptions(argument);
      return true;
    default:
      return false;
  }
}

/** slapd.conf's lines: `#` comments and empty lines dropped, lines that start with a blank joined to the one before. */
function logicalLines(text: string): { line: number; text: string }[] {
  const lines: { line: number; text: string }[] = [];
  text.split(/\r?\n/).forEach((physical, index) => {
    if (physical.startsWith('#') || physical.trim() === '') return;
    const last = lines.at(-1);
    if (/^\s/.test(physical) && last) last.text += ` ${physical.trim()}`;
    else lines.push({ line: index + 1, text: physical.trim() });
  });
  return lines;
}
