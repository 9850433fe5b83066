/** The real program with its metrics, and a reader of what they say that takes nothing but the format as it is defined. */
import { expect } from 'vitest';
import { Installation, type JammdServer, type ServerSetup } from '../robustness/jammd-server.js';
import { WireClient } from '../support/wire/client.js';
import { manager, managerPassword } from '../support/howto.js';

const cleaners: (() => unknown)[] = [];

/** For afterEach. */
export async function cleanUp(): Promise<void> {
  for (const clean of cleaners.splice(0).reverse()) await clean();
}

export function cleanLater(clean: () => unknown): void {
  cleaners.push(clean);
}

export async function installation(setup: ServerSetup = {}): Promise<Installation> {
  const made = await Installation.make(setup);
  cleanLater(() => made.remove());
  return made;
}

export async function started(made: Installation, ...args: readonly string[]): Promise<JammdServer> {
  const server = await made.start(...args);
  cleanLater(() => server.stop('SIGKILL'));
  return server;
}

/** `http://127.0.0.1:41234`, as the program has printed it. */
export function httpOf(output: string): string {
  return /^metrics on (http:\/\/\S+)\/metrics$/m.exec(output)![1]!;
}

export async function connected(server: JammdServer, name = '', password = ''): Promise<WireClient> {
  const client = await WireClient.connect(server.port);
  cleanLater(() => client.destroy());
  if (name !== '') expect((await client.request({ op: 'bind', name, password })).code).toBe(0);
  return client;
}

export const asManager = (server: JammdServer): Promise<WireClient> => connected(server, manager, managerPassword);

export interface Family {
  readonly help: string;
  readonly type: string;
  /** By labels, as `name{a="1",b="2"}` with the labels in the order of their names. */
  readonly samples: ReadonlyMap<string, number>;
}

const metricName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const sampleLine = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const label = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/gy;

/** Reads Prometheus' text format 0.0.4. Throws where a line is not as it has to be, or in the wrong place. */
export function parseMetrics(text: string): ReadonlyMap<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const families = new Map<string, { help: string; type: string; samples: Map<string, number> }>();
  let current: { name: string; family: { help: string; type: string; samples: Map<string, number> } } | undefined;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const comment = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line);
    if (comment) {
      const [, kind, name = '', rest = ''] = comment;
      if (!metricName.test(name)) throw new Error(`no name of a metric: ${line}`);
      if (kind === 'HELP') {
        if (families.has(name)) throw new Error(`${name} comes twice`);
        current = { name, family: { help: rest, type: '', samples: new Map() } };
        families.set(name, current.family);
      } else if (current?.name === name) current.family.type = rest;
      else throw new Error(`a type without its help: ${line}`);
      continue;
    }
    const sample = sampleLine.exec(line);
    if (!sample || !current) throw new Error(`no sample: ${line}`);
    const [, name = '', labels, value = ''] = sample;
    const parts = current.family.type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
    if (!parts.some((part) => `${current!.name}${part}` === name)) throw new Error(`${name} is out of its place`);
    const key = `${name}${labels === undefined ? '' : `{${sortedLabels(labels)}}`}`;
    if (current.family.samples.has(key)) throw new Error(`${key} comes twice`);
    current.family.samples.set(key, numberOf(value));
  }
  return families;
}

function sortedLabels(text: string): string {
  const found = [...text.matchAll(label)];
  if (found.map(([whole]) => whole).join('') !== text) throw new Error(`no labels: ${text}`);
  return found
    .map(([, name, value]) => `${name}="${value}"`)
    .sort()
    .join(',');
}

function numberOf(text: string): number {
  if (text === '+Inf') return Infinity;
  const number = Number(text);
  if (text === '' || (Number.isNaN(number) && text !== 'Nan' && text !== 'NaN')) throw new Error(`no number: ${text}`);
  return number;
}

export class Scrape {
  readonly families: ReadonlyMap<string, Family>;

  constructor(readonly text: string) {
    this.families = parseMetrics(text);
  }

  static async of(server: JammdServer): Promise<Scrape> {
    const response = await fetch(`${httpOf(server.daemon.output)}/metrics`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    return new Scrape(await response.text());
  }

  /** `jammd_connections`, `jammd_operations_total{code="0",...}`; undefined where there is no such sample. */
  value(sample: string): number | undefined {
    const name = sample.replace(/\{.*$/, '');
    const family = this.families.get(name) ?? this.families.get(name.replace(/_(?:bucket|sum|count)$/, ''));
    return family?.samples.get(sample);
  }

  /** Operations that have ended, without those that never happened: `search 0 success` to their number. */
  get results(): Record<string, number> {
    const found: Record<string, number> = {};
    for (const [sample, count] of this.families.get('jammd_operations_total')!.samples) {
      const [, code, operation, result] = /\{code="(.*)",operation="(.*)",result="(.*)"\}/.exec(sample)!;
      if (count > 0) found[`${operation} ${code} ${result}`] = count;
    }
    return found;
  }
}
