/**
 * Warns of each operation that took too long: what was asked, by whom, how it ended, and where the time went. For a search it
 * gives the plan, and the index that would have made it fast.
 */
import type { Logger } from 'pino';
import type { OperationTrace, SearchStep } from '../directory/trace.js';
import { explainFilter } from '../filter/explain.js';
import { resultCodeName } from '../ldap/result.js';
import type { CompletedOperation, OperationObserver } from '../server/model.js';
import { isSecret, quoted, requestLines } from '../server/operation-log.js';

/** Milliseconds that are worth telling of. */
const noticeableMs = 1;
/** Steps of a search, one for each database, that are told of. */
const stepsMax = 10;

export class SlowLog implements OperationObserver {
  readonly traces = true;
  readonly #thresholdMs: number;
  readonly #logger: Logger;

  constructor(thresholdMs: number, logger: Logger) {
    this.#thresholdMs = thresholdMs;
    this.#logger = logger;
  }

  wants(_: string, __: number, milliseconds: number): boolean {
    return milliseconds > this.#thresholdMs;
  }

  completed(operation: CompletedOperation): void {
    const { connection, operation: number, peer, identity, request, code, entries, milliseconds } = operation;
    const words = [
      `conn=${connection} op=${number} slow: etime=${(milliseconds / 1_000).toFixed(6)}`,
      `err=${code} (${operation.abandoned ? 'abandoned' : resultCodeName(code)})`,
      `who=${quoted(identity?.toString() ?? 'anonymous')}`,
      ...(request.op === 'search' ? [`nentries=${entries}`] : []),
      ...requestLines(request),
      ...waitsOf(operation),
      ...(operation.trace ? planOf(operation.trace) : []),
    ];
    this.#logger.warn({ peer: peer.name }, words.join(' '));
  }
}

/** Where the time went, as far as it was spent waiting. */
function waitsOf({ throttledMs, trace }: CompletedOperation): string[] {
  const waits: readonly (readonly [string, number])[] = [
    ['throttled', throttledMs],
    ['queued', trace?.queuedMs ?? 0],
    ['batch', trace?.batchMs ?? 0],
    ['receiver', trace?.receiverMs ?? 0],
  ];
  return waits.filter(([, spent]) => spent >= noticeableMs).map(([what, spent]) => `${what}=${(spent / 1_000).toFixed(6)}`);
}

function planOf({ steps, examined }: OperationTrace): string[] {
  if (steps.length === 0) return [];
  const plans = steps.slice(0, stepsMax).map(describe);
  const wanting = new Set(plans.flatMap((plan) => plan.wanting));
  return [
    `examined=${examined}`,
    `plan=${quoted(plans.map(({ text }) => text).join('; '))}`,
    ...(wanting.size > 0
      ? [`hint=${quoted(`an index would help: ${[...wanting].map((index) => `index ${index}`).join(', ')}`)}`]
      : []),
  ];
}

/** `dc=example: 120 candidates; mail sub: at most 120, cn eq: not indexed`. */
function describe({ database, filter, scope, method, candidates }: SearchStep): { text: string; wanting: string[] } {
  const { store } = database;
  const name = database.config.suffixes[0]?.toString() ?? '';
  if (method === 'base') return { text: `${name}: the base alone`, wanting: [] };
  const terms = explainFilter(filter, store.indexes, (term) => store.estimateCandidates(term));
  const shown = terms.map(
    (term) => `${term.name}: ${term.candidates === undefined ? 'not indexed' : `at most ${term.candidates}`}`,
  );
  const found = method === 'candidates' ? `${candidates} candidates` : `read ${places[method]}`;
  const children = scope === 'one' ? ' among the children of the base' : '';
  // Nobody is advised to put what passwords have in common into an index.
  const wanting =
    method === 'candidates'
      ? []
      : terms.flatMap((term) => term.wanting ?? []).filter((index) => !isSecret(index.split(' ', 1)[0]));
  return { text: `${name}: ${found}${children} (${shown.join(', ')})`, wanting };
}

const places = { subtree: 'the subtree', everything: 'everything' } as const;
