/** What the clients of a cluster have asked and were told, and when: what `linearizability.ts` judges. */

/** What is done to one entry, whose state is one text, or nothing where the entry is not there. */
export type Action =
  | { readonly kind: 'add' | 'replace'; readonly value: string }
  /** By taking away the value that the client believes it has. */
  | { readonly kind: 'swap'; readonly from: string; readonly value: string }
  | { readonly kind: 'delete' }
  | { readonly kind: 'read' };

/**
 * `exists`, `missing`, `differs`: refused because of what the entry was. `refused`: for another reason, and certainly not
 * done. `unknown`: it may have been done, or may be done yet.
 */
export type Result = 'done' | 'exists' | 'missing' | 'differs' | 'refused' | 'unknown';

export interface Operation {
  /** The entry. */
  readonly key: string;
  /** The node that was asked; `everyNode` where the answer must hold everything that was answered before. */
  readonly node: string;
  readonly action: Action;
  readonly result: Result;
  /** What a read has found; undefined: no entry. */
  readonly found?: string | undefined;
  /** Milliseconds of performance.now(). */
  readonly asked: number;
  readonly answered: number;
}

export const everyNode = '*';

export class History {
  readonly operations: Operation[] = [];

  add(operation: Operation): void {
    this.operations.push(operation);
  }
}
