import { createRoute, z } from '@hono/zod-openapi';
import type { ApiKey } from '../gateway/auth/api-keys.ts';
import type { AdminDeps } from './deps.ts';
import { FunctionParam, json, problems, type AdminApp } from './route.ts';

/** Ten years. */
const MAX_SECONDS = 10 * 366 * 86_400;

const KeyView = z
  .object({
    id: z.string(),
    name: z.string().openapi({ description: 'Who has it: what a function finds as the id of its principal' }),
    scopes: z.array(z.string()),
    created: z.number().openapi({ description: 'Milliseconds since the epoch' }),
    expires: z.number().nullable().openapi({ description: 'Milliseconds since the epoch; null: never' }),
  })
  .openapi('Key', { description: 'A key that a function is called with, without what it is: of that there is only a hash' });

const KeyListView = z.object({ keys: z.array(KeyView) }).openapi('KeyList');
const KeyRemovedView = z.object({ removed: z.string() }).openapi('KeyRemoved');
const NewKeyView = KeyView.extend({ token: z.string().openapi({ description: 'The key itself, which nothing shows again' }) }).openapi(
  'NewKey',
);

const KeyBody = z
  .strictObject({
    name: z.string().regex(/^[\x21-\x7e]{1,128}$/, 'is not 1 to 128 visible characters of ASCII'),
    scopes: z
      .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/, 'is not a scope'))
      .max(100)
      .default([]),
    expiresIn: z.int().min(1).max(MAX_SECONDS).nullable().default(null).openapi({ description: 'Seconds; null: it does not expire' }),
    retireIn: z
      .int()
      .min(0)
      .max(MAX_SECONDS)
      .nullable()
      .default(null)
      .openapi({ description: 'Seconds after which the other key of that name expires; null: it stays' }),
  })
  .openapi('KeyRequest');

export type KeyResult = z.infer<typeof KeyView>;
export type NewKeyResult = z.infer<typeof NewKeyView>;
export type KeyRequest = z.input<typeof KeyBody>;

/** Keys that functions with an `auth.keys` rule are called with. */
export function addKeys(app: AdminApp, { registry, apiKeys, now }: AdminDeps): void {
  app.openapi(listKeys, async (c) => {
    const { fn } = c.req.valid('param');
    await registry.get(fn);
    return c.json({ keys: (await apiKeys.list(fn)).map(viewOf) }, 200);
  });

  app.openapi(createKey, async (c) => {
    const { fn } = c.req.valid('param');
    await registry.get(fn);
    const { name, scopes, expiresIn, retireIn } = c.req.valid('json');
    const expires = expiresIn === null ? null : now() + expiresIn * 1000;
    const { key, token } = await apiKeys.create(fn, { name, scopes, expires, retire: retireIn === null ? null : retireIn * 1000 });
    return c.json({ ...viewOf(key), token }, 201, { 'cache-control': 'no-store' });
  });

  app.openapi(removeKey, async (c) => {
    const { fn, key } = c.req.valid('param');
    await apiKeys.remove(fn, key);
    return c.json({ removed: key }, 200);
  });
}

function viewOf(key: ApiKey): KeyResult {
  return { ...key, scopes: [...key.scopes] };
}

const listKeys = createRoute({
  method: 'get',
  path: '/functions/{fn}/keys',
  summary: 'The keys that a function is called with',
  request: { params: FunctionParam },
  responses: { 200: json(KeyListView, 'The oldest first'), ...problems },
});

const createKey = createRoute({
  method: 'post',
  path: '/functions/{fn}/keys',
  summary: 'Makes a key that a function is called with',
  description: 'A name may have two, so that one can take the place of the other.',
  request: { params: FunctionParam, body: { required: true, content: { 'application/json': { schema: KeyBody } } } },
  responses: { 201: json(NewKeyView, 'The key, which is shown this once'), ...problems },
});

const removeKey = createRoute({
  method: 'delete',
  path: '/functions/{fn}/keys/{key}',
  summary: 'Removes a key',
  request: { params: FunctionParam.extend({ key: z.string().openapi({ description: "The key's id", example: '0f1e2d3c4b5a6978' }) }) },
  responses: { 200: json(KeyRemovedView, 'It counts no more'), ...problems },
});
