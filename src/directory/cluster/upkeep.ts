/** What a node of a cluster does in the background: it watches the log, asks how far that goes, tells how far it has come, and trims. */
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError, ForeignDataError, LogEntryError } from '../../cluster/errors.js';
import type { EngineStatus, EtcdClient } from '../../cluster/etcd/client.js';
import type { SharedLog } from '../../cluster/shared-log.js';
import { StoreRefusedError } from '../../store/errors.js';
import type { ClusterNode } from './node.js';

const pollMs = 1_000;
const rewatchMs = 200;
/** Polls between two looks at what changes slowly. */
const slowPolls = 5;
/** Nodes that are further behind than so many times the log's length are not waited for. */
const patience = 4;
const logBytesMax = 256 << 20;
const halvingsMax = 24;
/** A node that has not reported for so long is gone for good. */
const forgottenMs = 7 * 24 * 3_600_000;

export class ClusterUpkeep {
  readonly #stopping = new AbortController();
  #watching = new AbortController();
  #loops: Promise<unknown> = Promise.resolve();
  #polls = 0;
  #reported = -1;
  #trimmedAt = 0;
  #behindPolls = 0;
  #mayNotCompact = false;
  #hasMadeRoom = false;
  engine: EngineStatus | undefined;

  constructor(
    private readonly node: ClusterNode,
    private readonly log: SharedLog,
    private readonly client: EtcdClient,
    private readonly settings: { readonly node: string; readonly logEntries: number },
    private readonly tell: (message: string) => void,
  ) {}

  start(): void {
    this.#loops = Promise.all([this.#poll(), this.#watch()]);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#watching.abort();
    await this.#loops;
  }

  get #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #pause(milliseconds: number): Promise<void> {
    await sleep(milliseconds, undefined, { signal: this.#stopping.signal, ref: false }).catch(() => undefined);
  }

  async #watch(): Promise<void> {
    while (!this.#isStopping) {
      this.#watching = new AbortController();
      try {
        await this.log.watch((item) => this.node.hear(item), this.#watching.signal, this.#until());
      } catch {
        // The poll finds out what is the matter.
      }
      await this.#pause(rewatchMs);
    }
  }

  #until(): number {
    return performance.now() + this.node.timeoutMs;
  }

  async #poll(): Promise<void> {
    while (!this.#isStopping) {
      try {
        await this.#look();
      } catch (error) {
        this.#take(error);
      }
      await this.#pause(pollMs);
    }
  }

  /** What goes wrong here is the node's state, and nobody's answer. */
  #take(error: unknown): void {
    if (this.#isStopping || error instanceof StoreRefusedError) return;
    if (error instanceof EngineError) this.node.lose(error);
    else if (error instanceof ForeignDataError || error instanceof LogEntryError) this.node.stop(error.message);
    else this.tell(`the cluster's upkeep failed: ${(error as Error).message}`);
  }

  async #look(): Promise<void> {
    const { node } = this;
    const isSlow = this.#polls++ % slowPolls === 0;
    if (node.state === 'stopped') {
      if (isSlow) await node.examine(this.#until());
      return;
    }
    await node.compareHead(this.#until());
    if (node.state === 'unreachable') node.follow();
    this.#checkWatch();
    if (isSlow || node.state === 'full') await this.#checkRoom();
    await this.#trimIfLong();
    if (isSlow && node.state === 'following') await this.#report();
  }

  /** What is compacted is free when somebody has defragmented it; and only when somebody disarms the alarm there is room again. */
  async #checkRoom(): Promise<void> {
    const { node } = this;
    this.engine = await this.client.status(this.#until());
    if (!this.engine.isFull) {
      this.#hasMadeRoom = false;
      if (node.state === 'full') node.follow();
      return;
    }
    node.lose(new EngineError("etcd's quota is used up (alarm NOSPACE): see docs/cluster.md", 'full', false));
    if (this.#hasMadeRoom) return;
    this.#hasMadeRoom = true;
    await this.#compact();
  }

  /** A member that has stopped without a word tells nothing any more, also not that. */
  #checkWatch(): void {
    this.#behindPolls = this.node.lag > 0 ? this.#behindPolls + 1 : 0;
    if (this.#behindPolls < 2) return;
    this.#behindPolls = 0;
    this.#watching.abort();
  }

  async #report(): Promise<void> {
    const index = this.node.applied?.index;
    if (index === undefined || (index === this.#reported && this.#polls % (slowPolls * 12) !== 1)) return;
    await this.log.report(this.settings.node, index, this.#until());
    this.#reported = index;
  }

  async #trimIfLong(): Promise<void> {
    const { head } = this.node;
    const { logEntries } = this.settings;
    if (!head || this.node.lag > 0 || head.index - this.#trimmedAt < logEntries / 4) return;
    this.#trimmedAt = head.index;
    const oldest = await this.log.oldest(this.#until());
    if (!oldest) return;
    const now = Date.now();
    const reports = await this.log.reports(this.#until());
    const waitedFor = reports.filter(
      ({ index, time }) => index >= head.index - patience * logEntries && now - time < forgottenMs,
    );
    let first = Math.min(head.index - logEntries + 1, ...waitedFor.map(({ index }) => index + 1));
    first = Math.max(first, oldest.position.index);
    for (let halvings = 0; halvings < halvingsMax && first < head.index; halvings++) {
      const entry = first === oldest.position.index ? oldest.entry : await this.log.entryAt(first, this.#until());
      if (!entry || head.bytes - entry.bytesBefore <= logBytesMax) break;
      first = Math.ceil((first + head.index) / 2);
    }
    if (first <= oldest.position.index) return;
    await this.log.trim(first, this.#until());
    await this.#compact();
  }

  async #compact(): Promise<void> {
    if (this.#mayNotCompact) return;
    try {
      await this.log.compact(this.#until());
    } catch (error) {
      if (!(error instanceof EngineError) || error.kind !== 'refused') return;
      this.#mayNotCompact = true;
      this.tell(`etcd does not let this node compact it: set auto-compaction in etcd (${error.message})`);
    }
  }
}
