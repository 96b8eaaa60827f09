import { expect, it } from 'vitest';
import { build, linkPackages, project, run, type Files } from './project.ts';

type App = { fetch(request: Request, env?: unknown, ctx?: unknown): Response | Promise<Response> };

const APPS: readonly [name: string, files: Files, body: string][] = [
  [
    'Hono with JSX',
    {
      'tsconfig.json': '{"compilerOptions": {"jsx": "react-jsx", "jsxImportSource": "hono/jsx"}}',
      'src/index.tsx': `
        import { Hono } from 'hono';
        import { cors } from 'hono/cors';
        const app = new Hono<{ Bindings: { NAME: string } }>();
        app.use(cors());
        app.get('/hello', (c) => c.html(<b>hello {c.env.NAME}</b>));
        export default app;`,
    },
    '<b>hello you</b>',
  ],
  [
    'itty-router',
    {
      'src/index.js': `
        import { AutoRouter, text } from 'itty-router';
        const router = AutoRouter({ format: text });
        router.get('/hello', (request, env) => 'hello ' + env.NAME);
        export default { ...router };`,
    },
    'hello you',
  ],
  [
    'h3',
    {
      'src/index.ts': `
        import { H3 } from 'h3';
        const app = new H3().get('/hello', () => 'hello you');
        export default { fetch: (request: Request) => app.fetch(request) };`,
    },
    'hello you',
  ],
];

it.each(APPS)('bundles a %s app that answers', async (_name, files, body) => {
  const dir = await project(files);
  await linkPackages(dir);
  const built = await build(dir);
  const app = (await run(dir, built))['default'] as App;
  const response = await app.fetch(new Request('http://example.com/hello'), { NAME: 'you' }, {});
  expect([response.status, await response.text(), built.warnings]).toEqual([200, body, []]);
});
