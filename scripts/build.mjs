/** `npm run build`: compiles src/ to dist/, and bundles the command. */
import { build, ensureInstalled, runScript } from './bootstrap.mjs';

await runScript('build', () => {
  ensureInstalled({ dev: true });
  build();
});
