/** Everything an operator wants to observe in a server, opened and closed together. */
import type { Logger } from 'pino';
import type { Directory } from '../directory/directory.js';
import type { Schema } from '../ldap/schema.js';
import type { OperationObserver, ServerOptions } from '../server/model.js';
import type { LdapServer } from '../server/server.js';
import { AuditLog } from './audit-log.js';
import type { Endpoint } from './endpoint.js';
import { readFigures } from './figures.js';
import { HttpServer } from './http-server.js';
import { Readiness } from './readiness.js';
import { SlowLog } from './slow-log.js';

export interface ObservationOptions {
  /** Where metrics are to be had. */
  readonly metrics: Endpoint | undefined;
  /** The audit log's path. */
  readonly auditLog: string | undefined;
  /** Milliseconds from which on an operation is slow. */
  readonly slowMs: number | undefined;
  /** Seconds that a replica may be behind and yet be ready; undefined: as long as it likes. */
  readonly lagSecondsMax?: number | undefined;
}

export class Observation {
  readonly #logger: Logger;
  readonly #readiness: Readiness;
  readonly #audit: AuditLog | undefined;
  readonly #slow: SlowLog | undefined;
  #http: HttpServer | undefined;
  #served: { server: LdapServer; directory: Directory } | undefined;

  private constructor(logger: Logger, audit: AuditLog | undefined, slow: SlowLog | undefined, readiness: Readiness) {
    this.#logger = logger;
    this.#readiness = readiness;
    this.#audit = audit;
    this.#slow = slow;
  }

  /** Rejects with LineFileError or MetricsListenError. */
  static async open(options: ObservationOptions, context: { logger: Logger; schema: Schema }): Promise<Observation> {
    const { logger, schema } = context;
    const audit = options.auditLog === undefined ? undefined : await openAuditLog(options.auditLog, schema, logger);
    const slow = options.slowMs === undefined ? undefined : new SlowLog(options.slowMs, logger);
    const observation = new Observation(logger, audit, slow, new Readiness(options.lagSecondsMax));
    try {
      if (options.metrics) observation.#http = await observation.#openHttp(options.metrics);
    } catch (error) {
      await observation.close();
      throw error;
    }
    return observation;
  }

  async #openHttp(endpoint: Endpoint): Promise<HttpServer> {
    // Not many look at metrics, and every start would wait for what they are made with.
    const { createMetrics } = await import('./metrics.js');
    const metrics = createMetrics(() => ({
      figures: this.#served && readFigures(this.#served.server, this.#served.directory),
      audit: this.#audit?.figures,
    }));
    return HttpServer.open({ endpoint, metrics, readiness: this.#readiness, logger: this.#logger });
  }

  /** Where the metrics are; undefined if nobody asked for them. */
  get metricsUrl(): string | undefined {
    return this.#http?.url;
  }

  /** What the server has to know to be seen. */
  get serverOptions(): Pick<ServerOptions, 'observers' | 'measureOperations'> {
    const observers: OperationObserver[] = [];
    if (this.#audit) observers.push(this.#audit);
    if (this.#slow) observers.push(this.#slow);
    return { observers, measureOperations: this.#http !== undefined };
  }

  /** The listeners are open. */
  serving(server: LdapServer, directory: Directory): void {
    this.#served = { server, directory };
    this.#readiness.serving(directory);
  }

  stopping(): void {
    this.#readiness.stopping();
  }

  /** Files that were moved away are left, and new ones begun. */
  reopen(): void {
    this.#audit?.reopen();
  }

  /** When the directory is closed: what happened until then is in the audit log. */
  async close(): Promise<void> {
    const lost = await this.#audit?.close();
    if (lost) this.#logger.error(`could not write the last ${lost} lines of the audit log`);
    await this.#http?.close();
  }
}

function openAuditLog(path: string, schema: Schema, logger: Logger): Promise<AuditLog> {
  return AuditLog.open({
    path,
    schema,
    events: {
      failed: (error) => logger.error(`cannot write to the audit log; keeping its lines in memory: ${error.message}`),
      recovered: (lost) =>
        logger.warn(
          `the audit log can be written again${lost > 0 ? `; ${lost} lines did not fit into memory and are lost` : ''}`,
        ),
    },
  });
}
