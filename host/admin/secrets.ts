import { createRoute } from '@hono/zod-openapi';
import type { FunctionRecord } from '../registry/record.ts';
import { requiredBy, secretByName } from '../registry/secret-change.ts';
import type { AdminDeps } from './deps.ts';
import { FunctionParam, json, problems, SecretParam, type AdminApp } from './route.ts';
import {
  RotatedView,
  SecretBody,
  SecretListView,
  SecretRemovedView,
  SecretsBody,
  SecretView,
  type SecretResult,
} from './schemas/secrets.ts';

/** Secrets go in and never come out: no route has one's value in its answer, and none takes it in its URL. */
export function addSecrets(app: AdminApp, { registry, changed }: AdminDeps): void {
  const { secrets } = registry;

  app.openapi(listSecrets, async (c) => c.json({ secrets: secretViews(await registry.get(c.req.valid('param').fn)) }, 200));

  app.openapi(putSecret, async (c) => {
    const { fn, secret } = c.req.valid('param');
    const record = await secrets.change(fn, new Map([[secret, c.req.valid('json').value]]));
    changed(fn);
    return c.json(secretView(record, secret), 200);
  });

  app.openapi(changeSecrets, async (c) => {
    const { fn } = c.req.valid('param');
    const record = await secrets.change(fn, new Map(Object.entries(c.req.valid('json').secrets)));
    changed(fn);
    return c.json({ secrets: secretViews(record) }, 200);
  });

  app.openapi(removeSecret, async (c) => {
    const { fn, secret } = c.req.valid('param');
    const record = await secrets.remove(fn, secret);
    changed(fn);
    return c.json({ requiredBy: requiredBy(record, secret) }, 200);
  });

  app.openapi(rotateSecrets, async (c) => c.json({ ...(await secrets.rotate()) }, 200));
}

function secretViews(record: FunctionRecord): SecretResult[] {
  return Object.keys(record.secrets?.entries ?? {})
    .toSorted()
    .map((name) => secretView(record, name));
}

function secretView(record: FunctionRecord, name: string): SecretResult {
  const { setAt, key } = secretByName(record, name);
  return { name, setAt, key };
}

const listSecrets = createRoute({
  method: 'get',
  path: '/functions/{fn}/secrets',
  summary: "The names of a function's secrets",
  request: { params: FunctionParam },
  responses: { 200: json(SecretListView, 'In the order of their names, without their values'), ...problems },
});

const putSecret = createRoute({
  method: 'put',
  path: '/functions/{fn}/secrets/{secret}',
  summary: 'Sets a secret, for every version of a function',
  description: 'The function need not have been published. New requests see the new value; what runs goes on with the old one.',
  request: { params: SecretParam, body: { required: true, content: { 'application/json': { schema: SecretBody } } } },
  responses: { 200: json(SecretView, 'It is set'), ...problems },
});

const changeSecrets = createRoute({
  method: 'patch',
  path: '/functions/{fn}/secrets',
  summary: 'Sets and removes several secrets: all of them or none',
  request: { params: FunctionParam, body: { required: true, content: { 'application/json': { schema: SecretsBody } } } },
  responses: { 200: json(SecretListView, 'The secrets that the function has now'), ...problems },
});

const removeSecret = createRoute({
  method: 'delete',
  path: '/functions/{fn}/secrets/{secret}',
  summary: 'Removes a secret',
  request: { params: SecretParam },
  responses: { 200: json(SecretRemovedView, 'It is gone'), ...problems },
});

const rotateSecrets = createRoute({
  method: 'post',
  path: '/secrets/rotate',
  summary: "Encrypts every function's secrets with the first of the host's keys",
  description: 'After it, other keys are needed no more. `secret-unreadable` names what could not be read; the rest is done.',
  responses: { 200: json(RotatedView, 'All are under the first key'), ...problems },
});
