import { cp, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { build, linkPackages, moduleText, project, put } from './project.ts';

const TEMPLATES = resolve(import.meta.dirname, '../../host/cli/templates');
const USE = "import { cached } from 'brink/sdk';\nexport const used = cached;\n";
const CONFIG = 'name = "hello"\nmain = "index.ts"\n';
const HANDLER = 'export default { fetch: () => new Response() };\n';

it.for(['fetch', 'hono', 'scheduled'])('a project of the template %s imports brink/sdk as it is', async (template) => {
  const dir = await project({});
  await cp(join(TEMPLATES, template), dir, { recursive: true });
  await linkPackages(dir);
  const main = join(dir, 'src/index.ts');
  await writeFile(main, USE + (await readFile(main, 'utf8')));
  const text = moduleText(await build(dir), 'index.js');
  expect(text).toContain('from "cloudflare:workers"');
  expect(text).toContain('cached/value/');
});

it('types alone bring no code', async () => {
  const dir = await project({
    'brink.toml': CONFIG,
    'index.ts': `import type { KVNamespace } from 'brink/sdk';\nimport { cached } from 'brink/sdk';\nexport type A = KVNamespace;\n${HANDLER}`,
  });
  expect(moduleText(await build(dir), 'index.js')).not.toContain('cached/value/');
});

it('where brink is among the packages of a project, it is that one', async () => {
  const dir = await project({ 'brink.toml': CONFIG, 'index.ts': USE + HANDLER });
  await put(dir, 'node_modules/brink/package.json', '{ "name": "brink", "exports": { "./sdk": "./own.js" } }');
  await put(dir, 'node_modules/brink/own.js', 'export const cached = "of the project";');
  expect(moduleText(await build(dir), 'index.js')).toContain('of the project');
});
