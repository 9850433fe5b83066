/** All that a server follows: a link for each `syncrepl` of each database, from its start to its end. */
import type { Config } from '../config/model.js';
import type { Database } from '../directory/database.js';
import type { ReplicaFigures } from '../directory/replica/figures.js';
import { Replica } from '../directory/replica/replica.js';
import { ProviderLink, type LinkLog } from './provider-link.js';
import { RefreshTurn } from './refresh-turn.js';

/** So many entries that break the schema are told of one by one. */
const violationsToldMax = 20;

export class Replication {
  readonly #links: readonly ProviderLink[];

  private constructor(links: readonly ProviderLink[]) {
    this.#links = links;
  }

  static start(config: Config, databases: readonly Database[], log: LinkLog): Replication {
    const links = databases.flatMap((database) => linksOf(config, database, log));
    for (const link of links) link.start();
    return new Replication(links);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#links.map((link) => link.stop()));
  }
}

function linksOf(config: Config, database: Database, log: LinkLog): readonly ProviderLink[] {
  const { syncrepls } = database.config;
  if (syncrepls.length === 0) return [];
  const turn = new RefreshTurn();
  let violations = 0;
  const violation = (dn: { toString(): string }, reason: string): void => {
    if (violations++ < violationsToldMax)
      log.warn(`entry "${dn.toString()}" breaks the schema and is taken nevertheless: ${reason}`);
  };
  const links: ProviderLink[] = syncrepls.map((settings) => {
    const isServedByOther = (link: ProviderLink): boolean => links.some((other) => other !== link && other.isInStep);
    const context = { serverId: config.serverId, ownTls: config.tls, turn, log, isServedByOther };
    return new ProviderLink(new Replica(database, settings, { violation }), context);
  });
  database.describeReplica(() => replicaFigures(database, links));
  return links;
}

function replicaFigures({ store }: Database, links: readonly ProviderLink[]): ReplicaFigures {
  const all = links.map(({ figures }) => figures);
  const lags = all.flatMap(({ lagSeconds }) => lagSeconds ?? []);
  return { position: store.log.context.values(), lagSeconds: lags.length > 0 ? Math.min(...lags) : undefined, links: all };
}
