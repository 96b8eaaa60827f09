import { createRoute, z } from '@hono/zod-openapi';
import { BrinkError } from '../errors.ts';
import type { AdminDeps } from './deps.ts';
import { FunctionParam, json, problems, type AdminApp } from './route.ts';
import { PurgeBody, PurgedView } from './schemas/purges.ts';

/** What a function has answered, and is kept by its rule `cache`, is not used any more. */
export function addPurges(app: AdminApp, { registry, purge }: AdminDeps): void {
  app.openapi(purgeResponses, async (c) => {
    const { fn } = c.req.valid('param');
    const { all, ...some } = c.req.valid('json');
    const given = [all === true ? 'all' : undefined, some.url, some.tag, some.prefix].filter((each) => each !== undefined);
    if (given.length !== 1)
      throw new BrinkError('bad-request', 'A purge is of one thing: name url, tag or prefix, or say that all is meant with all.');
    await registry.get(fn);
    await purge(fn, some);
    return c.json({ purged: all === true ? { all } : some }, 200);
  });
}

const purgeResponses = createRoute({
  method: 'post',
  path: '/functions/{fn}/purge',
  summary: 'Has kept responses of a function not be used any more',
  description: 'On the host that is asked at once, and on others of the same store when they hear of it. Of all its versions.',
  request: { params: FunctionParam, body: { required: true, content: { 'application/json': { schema: PurgeBody } } } },
  responses: { 200: json(z.object({ purged: PurgedView }).openapi('Purged'), 'What was purged'), ...problems },
});
