/** The site's few static files, read once, named by their content so that browsers may keep them for good. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

const folder = new URL('../../data/web/', import.meta.url);

const types = {
  'style.css': 'text/css; charset=utf-8',
  'site.js': 'text/javascript; charset=utf-8',
  'icon.svg': 'image/svg+xml',
} as const;

export type StaticName = keyof typeof types;

export interface StaticFile {
  readonly body: string;
  readonly type: string;
}

export class StaticFiles {
  readonly #paths = new Map<string, string>();
  readonly #files = new Map<string, StaticFile>();

  constructor() {
    for (const [name, type] of Object.entries(types)) {
      const body = readFileSync(new URL(name, folder), 'utf8');
      const version = createHash('sha256').update(body).digest('base64url').slice(0, 12);
      this.#paths.set(name, `/static/${version}/${name}`);
      this.#files.set(`/static/${version}/${name}`, { body, type });
    }
  }

  path(name: StaticName): string {
    return this.#paths.get(name) ?? '';
  }

  find(path: string): StaticFile | undefined {
    return this.#files.get(path);
  }
}
