import { OpenAPIHono } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import { BrinkError } from '../errors.ts';
import { problemResponse } from '../gateway/problem.ts';
import type { OpenApiDocument } from '../openapi/document.ts';
import { requireAccess } from './access.ts';
import { addAliases } from './aliases.ts';
import { addCells } from './cells.ts';
import { addClock } from './clock.ts';
import { addDatabases } from './databases.ts';
import type { AdminDeps } from './deps.ts';
import { addEmail } from './email.ts';
import { addFunctions } from './functions.ts';
import { addGateway } from './gateway.ts';
import { addHealth } from './health.ts';
import { addLeave } from './leave.ts';
import { addMailbox } from './mailbox.ts';
import { addObservation } from './observation.ts';
import { addPublishPolicy } from './publish-policy.ts';
import { addPurges } from './purges.ts';
import { addFreezes } from './freezes.ts';
import { addReleases } from './releases.ts';
import { addOpenApi } from './openapi.ts';
import { ADMIN_PATH } from './path.ts';
import { addShadows } from './shadows.ts';
import { addQueues } from './queues.ts';
import { addSchedules } from './schedules.ts';
import { addKeys } from './keys.ts';
import { addSecrets } from './secrets.ts';
import type { AdminApp } from './route.ts';
import { addUsage } from './usage.ts';
import { addVersions } from './versions.ts';

/** The admin API, to be mounted at `/_brink`. Each failure is problem details with a stable code. */
export function createAdmin(deps: AdminDeps): AdminApp {
  const app: AdminApp = new OpenAPIHono({ defaultHook: refuseInvalid });
  app.onError((error) => problemResponse(describe(error)));

  addHealth(app, deps);
  app.use(requireAccess(deps));
  addFunctions(app, deps);
  addVersions(app, deps);
  addAliases(app, deps);
  addReleases(app, deps);
  addShadows(app, deps);
  addFreezes(app, deps);
  addPublishPolicy(app, deps);
  addSecrets(app, deps);
  addKeys(app, deps);
  addGateway(app, deps);
  addDatabases(app, deps);
  addQueues(app, deps);
  addEmail(app, deps);
  addMailbox(app, deps);
  addSchedules(app, deps);
  addCells(app, deps);
  addPurges(app, deps);
  addOpenApi(app, deps, () => app.getOpenAPI31Document(DOCUMENT) as unknown as OpenApiDocument);
  addObservation(app, deps);
  addUsage(app, deps);
  if (deps.ticks) addClock(app, deps.ticks);
  if (deps.leave) addLeave(app, deps.leave);

  app.openAPIRegistry.registerComponent('securitySchemes', 'token', { type: 'http', scheme: 'bearer' });
  app.get('/openapi.json', (c) => c.json(app.getOpenAPI31Document(DOCUMENT)));
  refuseTheRest(app);
  return app;
}

const DOCUMENT = {
  openapi: '3.1.0',
  info: {
    title: 'Brink admin API',
    version: '1',
    description:
      'Publishes functions and moves their aliases. Times are milliseconds since the epoch; failures are problem details (RFC 9457).',
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
  servers: [{ url: ADMIN_PATH }],
  security: [{ token: [] }],
};

interface Checked {
  readonly target: string;
  readonly success: boolean;
  readonly error?: { readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[] };
}

function refuseInvalid({ target, error }: Checked): void {
  if (error === undefined) return;
  const places = error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  const { path, message } = places[0]!;
  const where = { json: 'the body', param: 'the path', query: 'the query', header: 'the headers' }[target] ?? target;
  throw new BrinkError('bad-request', `In ${where}${path === '' ? '' : `, at ${path}`}: ${message}.`, {
    details: { in: target, path, issues: places },
  });
}

/** What the framework refuses by itself: JSON that is none, a media type that no route takes. */
function describe(error: unknown): unknown {
  if (error instanceof HTTPException && error.status < 500) {
    const message = error.status === 415 ? 'The body is not of a media type that is taken here; send application/json' : error.message;
    return new BrinkError('bad-request', `${message}.`, { cause: error });
  }
  // The cause goes to the host's own log, since the response does not show it.
  if (!(error instanceof BrinkError) || error.code === 'internal') console.error(error);
  return error;
}

/** Known paths with methods that they do not have, then every path that is not known. Also after the app is mounted in another. */
function refuseTheRest(app: AdminApp): void {
  const methods = new Map<string, Set<string>>();
  for (const { path, method } of app.routes) {
    if (method === 'ALL') continue;
    methods.set(path, (methods.get(path) ?? new Set()).add(method));
  }
  for (const [path, known] of methods) {
    const allow = [...known, ...(known.has('GET') ? ['HEAD'] : [])].toSorted();
    app.all(path, (c) => {
      throw new BrinkError('method-not-allowed', `${c.req.path} does not take ${c.req.method}. It takes ${allow.join(', ')}.`, {
        details: { allow },
      });
    });
  }
  app.all('*', (c) => {
    throw new BrinkError('not-found', `The admin API has no ${c.req.path}. ${ADMIN_PATH}/openapi.json describes what it has.`);
  });
}
