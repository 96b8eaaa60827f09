import { createRoute, z } from '@hono/zod-openapi';
import { aliasByName, type AliasTarget } from '../registry/change.ts';
import type { Hand } from '../registry/release-record.ts';
import type { AdminDeps } from './deps.ts';
import { movingHand } from './hand.ts';
import { entityTag, wantedRevision } from './precondition.ts';
import { AliasParam, Empty, EtagHeader, FunctionParam, json, Preconditions, problems, type AdminApp } from './route.ts';
import { AliasBody, AliasView } from './schemas/aliases.ts';
import { aliasView, aliasViews, apiChangesView } from './views.ts';

export function addAliases(app: AdminApp, { registry, freezes, publishCheck, changed }: AdminDeps): void {
  /** From which revision an alias may be changed, and whose hand that is. @throws {BrinkError} `frozen` */
  async function changeOf(
    request: Request,
    { fn, alias }: { fn: string; alias: string },
  ): Promise<Pick<AliasTarget, 'ifRevision'> & { readonly hand: Hand }> {
    const ifRevision = wantedRevision(request.headers, await registry.find(fn), alias);
    return { ...(ifRevision !== undefined && { ifRevision }), hand: await movingHand(request, fn, freezes) };
  }

  app.openapi(listAliases, async (c) => {
    const record = await registry.get(c.req.valid('param').fn);
    return c.json({ aliases: aliasViews(record, new URL(c.req.url).origin) }, 200);
  });

  app.openapi(getAlias, async (c) => {
    const { fn, alias } = c.req.valid('param');
    const record = aliasByName(await registry.get(fn), alias);
    return c.json(aliasView({ function: fn, alias }, record, new URL(c.req.url).origin), 200, { etag: entityTag(record.revision) });
  });

  app.openapi(moveAlias, async (c) => {
    const { fn, alias } = c.req.valid('param');
    const { versions, sticky, warm } = c.req.valid('json');
    const target = {
      versions,
      ...(sticky !== undefined && { sticky }),
      ...(warm !== undefined && { warm }),
      ...(await changeOf(c.req.raw, { fn, alias })),
    };
    const apiChanges = await registry.api.ofMove(await registry.get(fn), { alias, versions, hand: target.hand });
    await publishCheck.move(fn, { alias, how: 'move', to: versions, hand: target.hand });
    const record = await registry.moveAlias(fn, alias, target);
    changed(fn);
    const view = { ...aliasView({ function: fn, alias }, record, new URL(c.req.url).origin), ...apiChangesView(apiChanges) };
    return c.json(view, record.revision === 1 ? 201 : 200, { etag: entityTag(record.revision) });
  });

  app.openapi(removeAlias, async (c) => {
    const { fn, alias } = c.req.valid('param');
    const change = await changeOf(c.req.raw, { fn, alias });
    await publishCheck.move(fn, { alias, how: 'remove', to: null, hand: change.hand });
    await registry.removeAlias(fn, alias, change);
    changed(fn);
    return c.json({}, 200);
  });

  app.openapi(rollbackAlias, async (c) => {
    const { fn, alias } = c.req.valid('param');
    const before = await registry.get(fn);
    const change = await changeOf(c.req.raw, { fn, alias });
    const back = before.aliases[alias]?.history[0]?.versions ?? null;
    await publishCheck.move(fn, { alias, how: 'rollback', to: back, hand: change.hand });
    const record = await registry.rollback(fn, alias, change);
    changed(fn);
    // Told, and no more: nothing holds the way back up, also not what fails here.
    const apiChanges = await registry.api.ofMove(before, { alias, versions: record.versions }).catch(() => []);
    const view = { ...aliasView({ function: fn, alias }, record, new URL(c.req.url).origin), ...apiChangesView(apiChanges) };
    return c.json(view, 200, { etag: entityTag(record.revision) });
  });
}

const listAliases = createRoute({
  method: 'get',
  path: '/functions/{fn}/aliases',
  summary: "A function's aliases",
  request: { params: FunctionParam },
  responses: { 200: json(z.object({ aliases: z.array(AliasView) }).openapi('AliasList'), 'The aliases'), ...problems },
});

const getAlias = createRoute({
  method: 'get',
  path: '/functions/{fn}/aliases/{alias}',
  summary: 'One alias; its ETag is its revision',
  request: { params: AliasParam },
  responses: { 200: { ...json(AliasView, 'The alias'), headers: EtagHeader }, ...problems },
});

const moveAlias = createRoute({
  method: 'put',
  path: '/functions/{fn}/aliases/{alias}',
  summary: 'Makes or moves an alias',
  description: 'With `If-Match` only from that revision, with `If-None-Match: *` only if there is none; else `alias-conflict`.',
  request: { params: AliasParam, headers: Preconditions, body: { required: true, content: { 'application/json': { schema: AliasBody } } } },
  responses: {
    200: { ...json(AliasView, 'Where it is now'), headers: EtagHeader },
    201: { ...json(AliasView, 'The new alias'), headers: EtagHeader },
    ...problems,
  },
});

const removeAlias = createRoute({
  method: 'delete',
  path: '/functions/{fn}/aliases/{alias}',
  summary: 'Removes an alias; its versions stay',
  request: { params: AliasParam, headers: Preconditions },
  responses: { 200: json(Empty, 'It is gone'), ...problems },
});

const rollbackAlias = createRoute({
  method: 'post',
  path: '/functions/{fn}/aliases/{alias}/rollback',
  summary: 'Moves an alias back to where it was before',
  request: { params: AliasParam, headers: Preconditions },
  responses: { 200: { ...json(AliasView, 'Where it is now'), headers: EtagHeader }, ...problems },
});
