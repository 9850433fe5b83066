/**
 * The second half of `npm run build`: puts the modules of the command `jammd` together in few files, dist/program/, which
 * Node finds and compiles in less time than hundreds. What a command needs beyond the others stays in a file of its own.
 * The library is used from the modules as they were compiled.
 *
 * Modules look for their files (schema/, data/, package.json) two folders above themselves, as the bundle's do.
 */
import { rmSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { rolldown } from 'rolldown';
import { root } from './bootstrap.mjs';

const folder = join(root, 'dist', 'program');
const isPackage = (name) => !name.startsWith('.') && !isAbsolute(name);

rmSync(folder, { recursive: true, force: true });
const bundle = await rolldown({ input: join(root, 'dist', 'main.js'), platform: 'node', external: isPackage });
await bundle.write({ dir: folder, format: 'esm', entryFileNames: '[name].js', chunkFileNames: '[name].js' });
await bundle.close();
