/**
 * Prometheus of Debian 13 on a live server: the scrape and the alerts that docs/operations.md prints, each alert raised, and
 * the expressions of packaging/grafana-dashboard.json, each with data.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from '../commands/jammd.js';
import { parseMetrics } from '../observe/support.js';
import { releaseMakingMs, releaseObstacle } from '../support/debian-release.js';
import { printedBlock } from '../support/documents.js';
import { people, places } from '../support/hosting-tree.js';
import { manager, managerPassword } from '../support/howto.js';
import { freePort, makeFolder, removeFolder } from '../support/place.js';
import { WireClient } from '../support/wire/client.js';
import { ReleaseStack } from './release-stack.js';

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

interface Dashboard {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition?: string }[] };
}

const dashboard = JSON.parse(await readFile(join(root, 'packaging/grafana-dashboard.json'), 'utf8')) as Dashboard;
const expressions = dashboard.panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [title, expr] as const));

/** As Grafana fills them in with everything chosen. */
function filledIn(expression: string): string {
  return expression
    .replaceAll('$job', 'jammd')
    .replaceAll(/\$(?:instance|database)\b/g, '.*')
    .replaceAll('$__rate_interval', '1m');
}

/** Prometheus' own text for series: value, then what it grows by at each of so many steps. */
const series = (metric: string, values: string): string => `      - series: '${metric}'\n        values: '${values}'`;

/** What raises each alert, a step a minute, how many minutes it takes, and the labels that the alert then has. */
const raising: Readonly<Record<string, { minutes: number; from: readonly string[]; labels?: string }>> = {
  JammdDown: { minutes: 2, from: [series('up{job="jammd"}', '0x10')], labels: 'job: jammd' },
  JammdCannotWrite: { minutes: 2, from: [series('jammd_database_failed', '1x10')] },
  JammdSlowLookups: {
    minutes: 25,
    from: ['0.05 0+0x40', '0.5 0+60x40', '+Inf 0+60x40'].map((bucket) => {
      const [le, values] = bucket.split(' ');
      return series(`jammd_operation_duration_seconds_bucket{operation="search",le="${le}"}`, values!);
    }),
  },
  JammdErrors: { minutes: 15, from: [series('jammd_operations_total{operation="add",result="unavailable"}', '0+1x40')] },
  JammdRefusesConnections: {
    minutes: 6,
    from: [
      series('jammd_connections_refused_total', '0x20'),
      series('jammd_connections', '95x20'),
      series('jammd_connections_limit', '100x20'),
    ],
  },
  JammdPasswordGuessing: { minutes: 25, from: [series('jammd_binds_throttled_total', '0+120x40')] },
  JammdDamage: { minutes: 10, from: [series('jammd_damaged_reads_total', '0x5 1x20')] },
  JammdIndexMissing: { minutes: 65, from: [series('jammd_pending_indexes', '1x80')] },
  JammdSlowDisk: {
    minutes: 25,
    from: [series('jammd_write_sync_seconds_total', '0+12x40'), series('jammd_write_batches_total', '0+60x40')],
  },
  JammdEventLoopLate: {
    minutes: 15,
    from: [series('nodejs_eventloop_lag_p99_seconds{job="jammd"}', '0.5x40')],
    labels: 'job: jammd',
  },
  JammdAuditLost: { minutes: 5, from: [series('jammd_audit_log_failed', '1x40')] },
};

describe.skipIf(releaseObstacle())('Prometheus', () => {
  let folder: string;
  let stack: ReleaseStack;
  let metricsUrl: string;
  let prometheusUrl: string;
  const rules = '/etc/prometheus/jammd-rules.yml';

  beforeAll(async () => {
    folder = await makeFolder('monitoring');
    const jammdArgs = ['--metrics', '127.0.0.1:0', '--audit-log', join(folder, 'audit.jsonl')];
    stack = await ReleaseStack.start('jammd', { jammdArgs });
    metricsUrl = /^metrics on (\S+)$/m.exec(stack.server.log())![1]!;
    await stack.host.write(rules, await printedBlock('operations.md', 'groups:'));
    const scrape = (await printedBlock('operations.md', 'scrape_configs:'))
      .replace('127.0.0.1:9646', new URL(metricsUrl).host)
      .replace('scrape_interval: 15s', 'scrape_interval: 1s');
    const config = `global: { evaluation_interval: 1s }\nrule_files: [${rules}]\n${scrape}`;
    await stack.host.write('/etc/prometheus/prometheus.yml', config);
    const address = `127.0.0.1:${await freePort()}`;
    prometheusUrl = `http://${address}`;
    await stack.host.runOrFail('install', ['-d', '/var/lib/prometheus-test']);
    const prometheus = stack.host.start('prometheus', [
      '--config.file=/etc/prometheus/prometheus.yml',
      '--storage.tsdb.path=/var/lib/prometheus-test',
      `--web.listen-address=${address}`,
    ]);
    await prometheus.waitUntil(() => prometheus.output.includes('Server is ready to receive web requests'));
  }, releaseMakingMs);

  afterAll(async () => {
    await stack.stop();
    await removeFolder(folder);
  });

  interface Answer {
    readonly status: string;
    readonly error?: string;
    readonly data: { readonly result: readonly { readonly value: readonly [number, string] }[] };
  }
  const ask = async (path: string): Promise<unknown> => (await fetch(`${prometheusUrl}/api/v1/${path}`)).json();
  const query = async (expression: string): Promise<Answer> =>
    (await ask(`query?query=${encodeURIComponent(expression)}`)) as Answer;

  /** Something of everything that the dashboard shows: lookups, updates, a wrong password. */
  const work = async (): Promise<void> => {
    const client = await WireClient.connect(stack.server.port);
    await client.request({ op: 'bind', name: people.user.dn, password: 'wrong' });
    await client.request({ op: 'bind', name: manager, password: managerPassword });
    await client.request({ op: 'search', base: places.hosting, scope: 'sub', filter: `(mail=${people.user.mail})` });
    await client.request({ op: 'modify', entry: people.user.dn, changes: [['replace', 'description', String(Date.now())]] });
    await client.unbind();
  };

  test('takes the configuration as the docs print it', async () => {
    const { stdout } = await stack.host.runOrFail('promtool', ['check', 'config', '/etc/prometheus/prometheus.yml']);
    expect(stdout).toContain(`SUCCESS: ${Object.keys(raising).length} rules found`);
  });

  test('raises each alert', async () => {
    const tests = Object.entries(raising).flatMap(([name, { minutes, from, labels = '' }]) => [
      `  - interval: 1m\n    input_series:\n${from.join('\n')}\n    alert_rule_test:`,
      `      - eval_time: ${minutes}m\n        alertname: ${name}\n        exp_alerts: [exp_labels: {${labels}}]`,
    ]);
    await stack.host.write('/tmp/alerts.yml', `rule_files: [${rules}]\ntests:\n${tests.join('\n')}\n`);
    await stack.host.runOrFail('promtool', ['test', 'rules', '/tmp/alerts.yml']);
  });

  test('reads the metrics, and its linter has nothing to say', async () => {
    const text = await (await fetch(metricsUrl)).text();
    const { code, stdout, stderr } = await stack.host.run('promtool', ['check', 'metrics'], { input: text });
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test('has data for every panel of the Grafana dashboard', async () => {
    const empty = async (): Promise<string[]> => {
      await work();
      const answers = await Promise.all(
        expressions.map(async ([title, expression]) => {
          const { status, error, data } = await query(filledIn(expression));
          return status === 'success' && data.result.length > 0 ? [] : [`${title}: ${expression} ${error ?? 'no data'}`];
        }),
      );
      return answers.flat();
    };
    await expect.poll(empty, { timeout: 20_000, interval: 500 }).toEqual([]);
  });

  test('raises no alert while all is well', async () => {
    const { data } = (await ask('rules')) as { data: { groups: { rules: { name: string; health: string; state: string }[] }[] } };
    const states = data.groups.flatMap((group) => group.rules.map(({ name, health, state }) => `${name} ${health} ${state}`));
    expect(states).toEqual(Object.keys(raising).map((name) => `${name} ok inactive`));
  });

  test('the dashboard names no metric that is not served, and its choices have values', async () => {
    const served = new Set(parseMetrics(await (await fetch(metricsUrl)).text()).keys());
    const named = expressions.flatMap(([, expression]) => expression.match(/\b(?:jammd|process|nodejs)_\w+/g) ?? []);
    expect(named.length).toBeGreaterThan(40);
    expect(named.filter((name) => !served.has(name.replace(/_(?:bucket|sum|count)$/, '')))).toEqual([]);
    for (const { definition } of dashboard.templating.list) {
      if (definition === undefined) continue;
      const [, selector, label] = /^label_values\((.*), (\w+)\)$/.exec(filledIn(definition))!;
      expect((await query(`group by (${label}) (${selector})`)).data.result, definition).toHaveLength(1);
    }
  });
});
