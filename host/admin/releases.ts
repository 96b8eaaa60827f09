import { createRoute, z } from '@hono/zod-openapi';
import { releaseById, releasesOf } from '../registry/release-change.ts';
import type { ReleaseRecord } from '../registry/release-record.ts';
import type { AdminDeps } from './deps.ts';
import { handOf } from './hand.ts';
import { entityTag, wantedRelease, wantedRevision } from './precondition.ts';
import { apiChangesView } from './views.ts';
import { EtagHeader, FunctionParam, json, problems, ReleaseParam, ReleasePrecondition, Preconditions, type AdminApp } from './route.ts';
import { MoveView, ReleaseBody, ReleaseView, type ReleaseResult } from './schemas/releases.ts';

const EVERY = 5 * 60_000;

export function addReleases(app: AdminApp, { registry, releases, publishCheck }: AdminDeps): void {
  const viewOf = async (name: string, release: ReleaseRecord) => releaseView(name, release, await releases.progress(name, release));

  app.openapi(listReleases, async (c) => {
    const { fn } = c.req.valid('param');
    const all = releasesOf(await registry.get(fn));
    return c.json({ releases: await Promise.all(all.map((each) => viewOf(fn, each))) }, 200);
  });

  app.openapi(getRelease, async (c) => {
    const { fn, id } = c.req.valid('param');
    const release = releaseById(await registry.get(fn), id);
    return c.json(await viewOf(fn, release), 200, { etag: entityTag(release.revision) });
  });

  app.openapi(askRelease, async (c) => {
    const { fn } = c.req.valid('param');
    const { alias = 'live', to, steps = [100], every = EVERY, guard = '', at } = c.req.valid('json');
    const ifRevision = wantedRevision(c.req.raw.headers, await registry.find(fn), alias);
    const asked = { alias, to, steps, every, guard, startAt: at, ifRevision };
    const hand = handOf(c.req.raw);
    const apiChanges = await registry.api.ofMove(await registry.get(fn), { alias, versions: [{ version: to }], hand });
    await publishCheck.move(fn, { alias, how: 'release', to: [{ version: to, weight: 100 }], hand });
    const release = await releases.ask(fn, asked, hand);
    const view = { ...(await viewOf(fn, release)), ...apiChangesView(apiChanges) };
    return c.json(view, 201, {
      etag: entityTag(release.revision),
      location: `${c.req.path}/${release.id}`,
    });
  });

  app.openapi(changeRelease, async (c) => {
    const { fn, id, change } = c.req.valid('param');
    const what = { to: change, hand: handOf(c.req.raw), ifRevision: wantedRelease(c.req.raw.headers) };
    const release = await releases.change(fn, id, what);
    return c.json(await viewOf(fn, release), 200, { etag: entityTag(release.revision) });
  });

  app.openapi(listMoves, async (c) => {
    const { moves = [] } = await registry.get(c.req.valid('param').fn);
    return c.json({ moves: structuredClone(moves) as z.infer<typeof MoveView>[] }, 200);
  });
}

function releaseView(
  name: string,
  release: ReleaseRecord,
  { figures, hold }: Awaited<ReturnType<AdminDeps['releases']['progress']>>,
): ReleaseResult {
  const { id, alias, from, to, steps, every, guard, state, step, startAt, createdAt, by, why, revision, verdict } = release;
  const plan = { id, alias, from, to, steps: [...steps], every, guard };
  const gone = step === -1 || state === 'rolled-back' || state === 'aborted';
  return {
    function: name,
    ...plan,
    state,
    step,
    weight: gone ? 0 : steps[step]!,
    startAt,
    createdAt,
    by,
    why,
    revision,
    hold,
    figures: structuredClone(figures) as ReleaseResult['figures'],
    verdict: verdict && { time: verdict.time, reason: verdict.reason },
  };
}

const listReleases = createRoute({
  method: 'get',
  path: '/functions/{fn}/releases',
  summary: "A function's releases, the newest first",
  request: { params: FunctionParam },
  responses: { 200: json(z.object({ releases: z.array(ReleaseView) }).openapi('ReleaseList'), 'The newest 20'), ...problems },
});

const getRelease = createRoute({
  method: 'get',
  path: '/functions/{fn}/releases/{id}',
  summary: 'One release; its ETag is its revision',
  request: { params: ReleaseParam },
  responses: { 200: { ...json(ReleaseView, 'The release'), headers: EtagHeader }, ...problems },
});

const askRelease = createRoute({
  method: 'post',
  path: '/functions/{fn}/releases',
  summary: 'Has an alias go over to a version, step by step',
  description: 'With `If-Match` only where the alias is at that revision; else `alias-conflict`. In a freeze it is refused with `frozen`.',
  request: {
    params: FunctionParam,
    headers: Preconditions,
    body: { required: true, content: { 'application/json': { schema: ReleaseBody } } },
  },
  responses: { 201: { ...json(ReleaseView, 'It begins when it is due'), headers: EtagHeader }, ...problems },
});

const changeRelease = createRoute({
  method: 'post',
  path: '/functions/{fn}/releases/{id}/{change}',
  summary: 'Pauses a release, has it go on, or ends it and moves its alias back',
  description: 'With `If-Match` only from that revision of the release; else `release-conflict`.',
  request: {
    params: ReleaseParam.extend({ change: z.enum(['pause', 'resume', 'abort']) }),
    headers: ReleasePrecondition,
  },
  responses: { 200: { ...json(ReleaseView, 'What it is now'), headers: EtagHeader }, ...problems },
});

const listMoves = createRoute({
  method: 'get',
  path: '/functions/{fn}/history',
  summary: "How a function's aliases were moved, by whom and why",
  request: { params: FunctionParam },
  responses: { 200: json(z.object({ moves: z.array(MoveView) }).openapi('AliasHistory'), 'The newest 100, the newest first'), ...problems },
});
