/** The store as plain JavaScript in a folder of its own, for processes that are to be killed. */
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** Fills `folder` with all of src; programs in `folder/src` import from './store/store.js' and so on. */
export async function transpileStore(folder: string): Promise<void> {
  for (const path of await readdir(join(root, 'src'), { recursive: true })) {
    if (path.endsWith('.ts')) await transpile(join('src', path), folder);
  }
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  await symlink(join(root, 'schema'), join(folder, 'schema'));
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
}

async function transpile(path: string, folder: string): Promise<void> {
  const source = await readFile(join(root, path), 'utf8');
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true },
  });
  const target = join(folder, path.replace(/\.ts$/, '.js'));
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, outputText);
}
