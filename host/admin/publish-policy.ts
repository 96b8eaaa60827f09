import { createRoute, z } from '@hono/zod-openapi';
import { ARTIFACT_MEDIA_TYPE } from '../registry/media-type.ts';
import type { PublishPolicyRecord } from '../registry/publish-policy.ts';
import type { AdminDeps } from './deps.ts';
import { handOf } from './hand.ts';
import { entityTag, wantedRules } from './precondition.ts';
import { EtagHeader, json, Preconditions, problems, type AdminApp } from './route.ts';
import { readUpload } from './upload.ts';

const PolicyView = z
  .object({
    revision: z.number().openapi({ description: '0: there never was one' }),
    time: z.number().openapi({ description: 'Milliseconds since the epoch' }),
    by: z.string(),
    why: z.string().nullable(),
    policy: z
      .object({
        digest: z.string(),
        size: z.number(),
        module: z.string(),
        entrypoint: z.string(),
        data: z.string().nullable(),
        dryRun: z.boolean(),
      })
      .nullable(),
  })
  .openapi('PublishPolicy', { description: 'What is asked before something is published or an alias moves' });

export type PublishPolicyResult = z.infer<typeof PolicyView>;

export function addPublishPolicy(app: AdminApp, { publishPolicies, engine }: AdminDeps): void {
  app.openapi(getPolicy, async (c) => {
    const view = viewOf(await publishPolicies.record());
    return c.json(view, 200, { etag: entityTag(view.revision) });
  });

  app.openapi(putPolicy, async (c) => {
    const { raw } = c.req;
    const target = { ifRevision: wantedRules(raw.headers), hand: handOf(raw) };
    const record = await publishPolicies.set(await readUpload(raw), { ...target, probe: (artifact) => engine.probe(artifact) });
    return c.json(viewOf(record), 200, { etag: entityTag(record.revision) });
  });

  app.openapi(removePolicy, async (c) => {
    const { raw } = c.req;
    const record = await publishPolicies.remove({ ifRevision: wantedRules(raw.headers), hand: handOf(raw) });
    return c.json(viewOf(record), 200, { etag: entityTag(record.revision) });
  });
}

function viewOf({ policy, ...record }: PublishPolicyRecord): PublishPolicyResult {
  if (policy === null) return { ...record, policy };
  const { place: _place, ...told } = policy;
  return { ...record, policy: told };
}

const BYTES = { type: 'string', format: 'binary' } as const;
const responses = { 200: { ...json(PolicyView, 'The policy; the ETag is its revision'), headers: EtagHeader }, ...problems };

const getPolicy = createRoute({
  method: 'get',
  path: '/publish-policy',
  summary: 'What is asked before something is published',
  responses,
});

const putPolicy = createRoute({
  method: 'put',
  path: '/publish-policy',
  summary: 'Sets the policy that is asked before something is published or an alias moves',
  description: 'The body is an artifact whose gateway has one policy, as `brink policy set` makes it. It is loaded once before it holds.',
  request: { headers: Preconditions, body: { required: true, content: { [ARTIFACT_MEDIA_TYPE]: { schema: BYTES } } } },
  responses,
});

const removePolicy = createRoute({
  method: 'delete',
  path: '/publish-policy',
  summary: 'Has nothing be asked any more',
  request: { headers: Preconditions },
  responses,
});
