/** One server in a comparison: keeps a connection for every identity a script names, and answers its steps. */
import { manager, managerPassword } from '../support/howto.js';
import { people } from '../support/hosting-tree.js';
import { ConnectionClosed, NoAnswer, WireClient } from '../support/wire/client.js';
import type { Operation } from '../support/wire/operation.js';
import { toOutcome, type Outcome } from './outcome.js';

/**
 * Who asks: the Manager (default), nobody, one of the sample people, or `#name` for a connection that starts out
 * anonymous and does with binds what the script says.
 */
export type Asker = 'manager' | 'anonymous' | keyof typeof people | `#${string}`;

export interface Step {
  readonly as?: Asker;
  readonly operation: Operation;
  /** Other result codes than slapd's that say the same thing just as well. */
  readonly either?: readonly number[];
  /** Where slapd is wrong: what is right, and why. */
  readonly rather?: { readonly because: string; readonly outcome: Partial<Outcome> };
}

const answerTimeoutMs = 15_000;

export class Contestant {
  readonly #port: number;
  readonly #connections = new Map<Asker, WireClient>();

  constructor(port: number) {
    this.#port = port;
  }

  async answer(step: Step): Promise<Outcome> {
    const { operation } = step;
    const asker = step.as ?? 'manager';
    const connection = await this.#connection(asker);
    try {
      const result = await connection.request(operation, answerTimeoutMs);
      return toOutcome(result, operation.op === 'extended' ? operation.oid : undefined);
    } catch (error) {
      this.#connections.delete(asker);
      connection.destroy();
      if (error instanceof ConnectionClosed) return { code: 'closed' };
      if (error instanceof NoAnswer) return { code: 'no answer' };
      throw error;
    }
  }

  async answerAll(steps: readonly Step[]): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    for (const step of steps) outcomes.push(await this.answer(step));
    return outcomes;
  }

  close(): void {
    for (const connection of this.#connections.values()) connection.destroy();
    this.#connections.clear();
  }

  async #connection(asker: Asker): Promise<WireClient> {
    const known = this.#connections.get(asker);
    if (known !== undefined && !known.isClosed) return known;
    const connection = await WireClient.connect(this.#port);
    const identity = credentials(asker);
    if (identity !== undefined) {
      const { code } = await connection.request({ op: 'bind', name: identity.dn, password: identity.password });
      if (code !== 0) throw new Error(`${asker} could not bind: ${code}`);
    }
    this.#connections.set(asker, connection);
    return connection;
  }
}

function credentials(asker: Asker): { readonly dn: string; readonly password: string } | undefined {
  if (asker === 'manager') return { dn: manager, password: managerPassword };
  return asker in people ? people[asker as keyof typeof people] : undefined;
}

/** What jammd is to answer, given what slapd answered. */
export function expected(step: Step, reference: Outcome, actual: Outcome): Outcome {
  const wanted = step.rather === undefined ? reference : { ...reference, ...step.rather.outcome };
  const isAsGood = typeof actual.code === 'number' && step.either?.includes(actual.code) === true;
  return isAsGood ? { ...wanted, code: actual.code } : wanted;
}

/** One line for a step, as a test's title and in reports. */
export function describeStep(step: Step): string {
  const { op, ...rest } = step.operation;
  const text = JSON.stringify(rest, (_, value: unknown) => (typeof value === 'string' && value.length > 200 ? `${value.slice(0, 200)}...(${value.length})` : value));
  return `${step.as ?? 'manager'}: ${op} ${text.slice(0, 600)}`;
}
