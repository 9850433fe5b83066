/** The server's name and version, as shown by cn=Monitor and `--version`. */
import { readFileSync } from 'node:fs';

const packageFile = new URL('../../package.json', import.meta.url);
export const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string };

export const serverVersion = `jammd ${version}`;
