/** The server's name and version, as cn=Monitor and `--version` tell it. */
import { readFileSync } from 'node:fs';

const packageFile = new URL('../../package.json', import.meta.url);
export const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string };

export const serverVersion = `jammd ${version}`;
