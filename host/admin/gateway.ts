import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { changeOf, type RulesRecord } from '../registry/operator-rules.ts';
import type { AdminDeps } from './deps.ts';
import { handOf } from './hand.ts';
import { entityTag, wantedRules } from './precondition.ts';
import { EtagHeader, FunctionParam, json, Preconditions, problems, type AdminApp } from './route.ts';

const RevisionView = z
  .object({
    revision: z.number(),
    time: z.number().nullable().openapi({ description: 'Milliseconds since the epoch; null: there never were any' }),
    by: z.string().nullable(),
    why: z.string().nullable(),
    blocks: z.number().openapi({ description: 'How many there are' }),
  })
  .openapi('GatewayRevision');

const GatewayView = RevisionView.extend({
  function: z.string().nullable().openapi({ description: 'null: all functions of the host' }),
  gateway: z.array(z.record(z.string(), z.unknown())).openapi({ description: 'Blocks, as `[[gateway]]` has them' }),
}).openapi('Gateway', { description: 'Rules that stand before functions without being a part of their versions' });

const GatewayBody = z
  .strictObject({
    gateway: z.unknown().openapi({ type: 'array', items: { type: 'object' }, description: 'Blocks, as `[[gateway]]` has them' }),
  })
  .openapi('GatewayRequest');

const RollbackBody = z
  .strictObject({ to: z.int().min(1).optional().openapi({ description: 'A revision; without it the one before' }) })
  .openapi('GatewayRollback');

const RevisionParam = z.object({ revision: z.coerce.number().int().positive().openapi({ description: 'A revision', example: 3 }) });
const RevisionListView = z.object({ revisions: z.array(RevisionView) }).openapi('GatewayRevisionList');

export type GatewayResult = z.infer<typeof GatewayView>;
export type RevisionResult = z.infer<typeof RevisionView>;

/** Where rules of the gateway are set: for one function, and for all. */
const PLACES = [
  { path: '/functions/{fn}/gateway', params: FunctionParam, whose: "of a function, before those of its versions'" },
  { path: '/gateway', params: z.object({}), whose: 'before all functions of the host' },
];

export function addGateway(app: AdminApp, { registry: { rules }, changed, rulesChanged }: AdminDeps): void {
  const viewOf = async (owner: string | null, record: RulesRecord, revision?: number): Promise<GatewayResult> => {
    const change = revision === undefined ? (record.changes[0] ?? null) : changeOf(record, revision);
    const { place, ...told } = change ?? { revision: 0, time: null, by: null, why: null, blocks: 0, place: null };
    return { function: owner, ...told, gateway: [...(await rules.blocks({ place }))] as GatewayResult['gateway'] };
  };

  const told = async (c: Context, owner: string | null, record: RulesRecord) => {
    if (owner === null) rulesChanged();
    else changed(owner);
    const view = await viewOf(owner, record);
    return c.json(view, 200, { etag: entityTag(view.revision) });
  };

  for (const { path, params, whose } of PLACES) {
    const { get, put, remove, back, list, revision } = routesAt(path, { params, whose });
    const targetOf = ({ raw }: { readonly raw: Request }) => ({ ifRevision: wantedRules(raw.headers), hand: handOf(raw) });

    app.openapi(get, async (c) => {
      const owner = ownerOf(c);
      const view = await viewOf(owner, await rules.record(owner));
      return c.json(view, 200, { etag: entityTag(view.revision) });
    });

    app.openapi(put, async (c) => {
      const owner = ownerOf(c);
      return told(c, owner, await rules.set(owner, c.req.valid('json').gateway, targetOf(c.req)));
    });

    app.openapi(remove, async (c) => {
      const owner = ownerOf(c);
      // Of a function that is not there nothing is made.
      await rules.record(owner);
      return told(c, owner, await rules.set(owner, [], targetOf(c.req)));
    });

    app.openapi(back, async (c) => {
      const owner = ownerOf(c);
      await rules.record(owner);
      return told(c, owner, await rules.rollback(owner, c.req.valid('json').to, targetOf(c.req)));
    });

    app.openapi(list, async (c) => {
      const { changes } = await rules.record(ownerOf(c));
      return c.json({ revisions: changes.map(({ place: _place, ...change }) => change) }, 200);
    });

    app.openapi(revision, async (c) => {
      const owner = ownerOf(c);
      const view = await viewOf(owner, await rules.record(owner), Number(c.req.param('revision')));
      return c.json(view, 200, { etag: entityTag(view.revision) });
    });
  }
}

function ownerOf(c: Context): string | null {
  return c.req.param('fn') ?? null;
}

function routesAt(path: string, { params, whose }: { readonly params: z.ZodObject; readonly whose: string }) {
  const description =
    'With `If-Match` only from that revision, with `If-None-Match: *` only if there never were any; else `rules-conflict`.';
  const responses = { 200: { ...json(GatewayView, 'The rules; the ETag is their revision'), headers: EtagHeader }, ...problems };
  const body = <Schema extends z.ZodType>(schema: Schema) => ({ required: true, content: { 'application/json': { schema } } });
  return {
    get: createRoute({ method: 'get', path, summary: `Gateway rules ${whose}`, request: { params }, responses }),
    put: createRoute({
      method: 'put',
      path,
      summary: `Sets gateway rules ${whose}`,
      description: `They hold from the next request on, on each host of the store. ${description}`,
      request: { params, headers: Preconditions, body: body(GatewayBody) },
      responses,
    }),
    remove: createRoute({
      method: 'delete',
      path,
      summary: `Takes away the gateway rules ${whose}`,
      description,
      request: { params, headers: Preconditions },
      responses,
    }),
    back: createRoute({
      method: 'post',
      path: `${path}/rollback`,
      summary: `Has earlier gateway rules ${whose} hold again`,
      description,
      request: { params, headers: Preconditions, body: body(RollbackBody) },
      responses,
    }),
    list: createRoute({
      method: 'get',
      path: `${path}/revisions`,
      summary: `How the gateway rules ${whose} were changed`,
      request: { params },
      responses: { 200: json(RevisionListView, 'The newest first'), ...problems },
    }),
    revision: createRoute({
      method: 'get',
      path: `${path}/revisions/{revision}`,
      summary: `Gateway rules ${whose} as they were`,
      request: { params: params.extend(RevisionParam.shape) },
      responses,
    }),
  };
}
