import { createRoute, z } from '@hono/zod-openapi';
import type { AdminDeps } from './deps.ts';
import { json, problems, type AdminApp } from './route.ts';
import { CellsView, ClassView } from './schemas/cells.ts';

/** What this host has of each version now. */
export function addCells(app: AdminApp, { cells, classes }: AdminDeps): void {
  app.openapi(listCells, (c) => {
    const { function: name } = c.req.valid('query');
    const all = cells().toSorted((a, b) => (a.function < b.function ? -1 : a.function > b.function ? 1 : a.version - b.version));
    return c.json({ versions: name === undefined ? all : all.filter((each) => each.function === name), classes: classes() }, 200);
  });
}

const listCells = createRoute({
  method: 'get',
  path: '/cells',
  summary: 'The cells of each version on this host, and the calls that they run or that wait for them; and those of each class',
  description: 'Versions that have none and that nobody calls are not among them. On workerd each isolate of the host answers for itself.',
  request: { query: z.object({ function: z.string().optional().openapi({ description: 'Only versions of this function' }) }) },
  responses: {
    200: json(z.object({ versions: z.array(CellsView), classes: z.array(ClassView) }).openapi('CellList'), 'By name and number'),
    ...problems,
  },
});
