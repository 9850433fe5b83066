/** A place in a configuration file; line counts from 1. Of a slapd.d, the entry and attribute; line is 0. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/** For messages that speak of another place than their own. */
export function placeName({ file, line }: Place): string {
  return line === 0 ? file : `${file} line ${line}`;
}
