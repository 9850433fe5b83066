/** An error in an LDIF text, with its line. */
export class LdifError extends Error {
  override readonly name = 'LdifError';

  constructor(
    readonly reason: string,
    /** Counted from 1. */
    readonly line: number,
  ) {
    super(`line ${line}: ${reason}`);
  }
}
