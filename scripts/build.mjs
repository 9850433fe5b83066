/** `npm run build`: compiles src/ to dist/. */
import { build, ensureInstalled, runScript } from './bootstrap.mjs';

await runScript('build', () => {
  ensureInstalled({ dev: true });
  build();
});
