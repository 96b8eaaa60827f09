import { createRoute, z } from '@hono/zod-openapi';
import { BrinkError } from '../errors.ts';
import { COMPONENT_MODULE, encodeArtifact } from '../registry/artifact.ts';
import { ARTIFACT_MEDIA_TYPE } from '../registry/media-type.ts';
import type { AdminDeps } from './deps.ts';
import { findOwnVersion, findVersion } from './find.ts';
import { handOf, movingHand } from './hand.ts';
import { Empty, FunctionParam, json, problems, VersionParam, type AdminApp } from './route.ts';
import { ComponentView, PublishedView, VersionView } from './schemas/versions.ts';
import { contentDigest, readUpload } from './upload.ts';
import { publishedView, versionView } from './views.ts';

export function addVersions(app: AdminApp, { registry, engine, freezes, publishCheck, changed }: AdminDeps): void {
  app.openapi(publishVersion, async (c) => {
    const { fn } = c.req.valid('param');
    const { alias, tag } = c.req.valid('query');
    const { raw } = c.req;
    checkMediaType(raw);
    const digest = contentDigest(raw);
    // A version that no alias names is nobody's change.
    const hand = alias === undefined ? handOf(raw) : await movingHand(raw, fn, freezes);
    const bytes = await readUpload(raw);
    await publishCheck.publish(fn, bytes, { alias, tag, hand });
    const published = await registry.publish(fn, bytes, {
      hand,
      probe: (artifact, secrets) => engine.probe(artifact, secrets),
      ...(digest !== undefined && { digest }),
      ...(alias !== undefined && { alias }),
      ...(tag !== undefined && { tag }),
    });
    changed(fn);
    const view = publishedView(published, new URL(c.req.url).origin);
    return published.created ? c.json(view, 201, { location: `${c.req.path}/${view.version}` }) : c.json(view, 200);
  });

  app.openapi(listVersions, async (c) => {
    const record = await registry.get(c.req.valid('param').fn);
    const { origin } = new URL(c.req.url);
    return c.json({ versions: record.versions.map((version) => versionView(record, version, origin)) }, 200);
  });

  app.openapi(getVersion, async (c) => {
    const { fn, ref } = c.req.valid('param');
    const record = await registry.get(fn);
    return c.json(versionView(record, findVersion(record, ref), new URL(c.req.url).origin), 200);
  });

  app.openapi(getArtifact, async (c) => {
    const { fn, ref } = c.req.valid('param');
    const version = findVersion(await registry.get(fn), ref);
    // The canonical form: the bytes are those that were published.
    const bytes = encodeArtifact(await registry.artifact(fn, version));
    return new Response(bytes, { headers: { 'content-type': ARTIFACT_MEDIA_TYPE, etag: `"${version.digest}"` } });
  });

  app.openapi(getComponent, async (c) => {
    const { fn, ref } = c.req.valid('param');
    const version = findVersion(await registry.get(fn), ref);
    const module = (await registry.artifact(fn, version)).modules[COMPONENT_MODULE];
    const parsed = module?.type === 'json' ? ComponentView.safeParse(jsonOf(module.bytes)) : undefined;
    if (parsed?.success === true) return c.json(parsed.data, 200);
    throw new BrinkError('not-found', `${fn}@${version.number} is no component.`);
  });

  app.openapi(removeVersion, async (c) => {
    const { fn, ref } = c.req.valid('param');
    const version = findOwnVersion(await registry.get(fn), ref);
    if (version === undefined)
      throw new BrinkError('bad-request', `${ref} is not a version. Name the version to remove by its number or digest.`);
    await registry.removeVersion(fn, version.number);
    changed(fn);
    return c.json({}, 200);
  });
}

const BYTES = { type: 'string', format: 'binary' } as const;

const publishVersion = createRoute({
  method: 'post',
  path: '/functions/{fn}/versions',
  summary: 'Publishes an artifact as a version',
  description:
    'The body is an artifact as `brink build` writes it. `Content-Digest: sha-256=:…:` (RFC 9530), where sent, is checked. ' +
    'The artifact is loaded once before it becomes a version; the same digest twice is one version.',
  request: {
    params: FunctionParam,
    query: z.object({
      alias: z
        .string()
        .optional()
        .openapi({ description: 'Moved to the new version. Without it, `live` is made if the function has no alias yet' }),
      tag: z.string().max(200).optional().openapi({ description: 'A text to know the version by' }),
    }),
    body: { required: true, content: { [ARTIFACT_MEDIA_TYPE]: { schema: BYTES } } },
  },
  responses: { 200: json(PublishedView, 'This digest was a version already'), 201: json(PublishedView, 'The new version'), ...problems },
});

const listVersions = createRoute({
  method: 'get',
  path: '/functions/{fn}/versions',
  summary: "A function's versions",
  request: { params: FunctionParam },
  responses: {
    200: json(z.object({ versions: z.array(VersionView) }).openapi('VersionList'), 'In the order of their numbers'),
    ...problems,
  },
});

const getVersion = createRoute({
  method: 'get',
  path: '/functions/{fn}/versions/{ref}',
  summary: 'One version, by number, digest or alias',
  description: 'Of an alias with several versions, the one with most weight.',
  request: { params: VersionParam },
  responses: { 200: json(VersionView, 'The version'), ...problems },
});

const getArtifact = createRoute({
  method: 'get',
  path: '/functions/{fn}/versions/{ref}/artifact',
  summary: 'The artifact of a version, byte for byte',
  request: { params: VersionParam },
  responses: { 200: { description: 'The artifact', content: { [ARTIFACT_MEDIA_TYPE]: { schema: BYTES } } }, ...problems },
});

const getComponent = createRoute({
  method: 'get',
  path: '/functions/{fn}/versions/{ref}/component',
  summary: 'What the component of a version imports and exports, and who made it',
  request: { params: VersionParam },
  responses: { 200: json(ComponentView, 'The component'), ...problems },
});

const removeVersion = createRoute({
  method: 'delete',
  path: '/functions/{fn}/versions/{ref}',
  summary: 'Removes a version that no alias names',
  request: { params: VersionParam },
  responses: { 200: json(Empty, 'It is gone'), ...problems },
});

/** What an artifact holds was made by who published it: anything, or nothing that can be read. */
function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}

function checkMediaType(request: Request): void {
  const type = request.headers.get('content-type')?.split(';')[0]!.trim().toLowerCase();
  if (type === ARTIFACT_MEDIA_TYPE || type === 'application/octet-stream') return;
  throw new BrinkError('bad-request', `An artifact is sent as ${ARTIFACT_MEDIA_TYPE}; this came as ${type ?? 'no media type'}.`, {
    details: { in: 'header', path: 'content-type' },
  });
}
