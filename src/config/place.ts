/** A place in a configuration file; line counts from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
}
