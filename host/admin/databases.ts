import { createRoute, type z } from '@hono/zod-openapi';
import { BindingError } from '../bindings/binding-error.ts';
import { databaseScope } from '../scopes.ts';
import type { QueryAnswer, QueryRequest } from '../bindings/d1/protocol.ts';
import { BrinkError } from '../errors.ts';
import { checkName } from '../registry/names.ts';
import type { AdminDeps } from './deps.ts';
import { DatabaseParam, json, problems, SharedDatabaseParam, type AdminApp } from './route.ts';
import { QueriesBody, QueriesView } from './schemas/databases.ts';

const BINDING = /^[A-Za-z_$][\w$]{0,127}$/;
const utf8 = new TextEncoder();
const text = new TextDecoder();

/** SQL on functions' databases, by hand and for migrations: under the rules that hold for functions. */
export function addDatabases(app: AdminApp, { databases }: AdminDeps): void {
  const run = async (scope: string, { queries }: z.infer<typeof QueriesBody>) => {
    const request: QueryRequest = { queries: queries.map(({ sql, params = [] }) => ({ sql, params })) };
    try {
      const { results } = JSON.parse(text.decode(await databases.open(scope).query(utf8.encode(JSON.stringify(request))))) as QueryAnswer;
      return { results: results as unknown as z.infer<typeof QueriesView>['results'] };
    } catch (error) {
      throw error instanceof BindingError && error.code === undefined
        ? new BrinkError('sql-failed', error.message, { cause: error })
        : unreachable(error);
    }
  };

  // The function need not be there: its database may be made ready before it is published.
  app.openapi(queryOwn, async (c) => {
    const { fn, binding } = c.req.valid('param');
    checkName(fn, 'function');
    if (!BINDING.test(binding)) throw new BrinkError('bad-request', `${JSON.stringify(binding)} is not the name of a binding.`);
    return c.json(await run(databaseScope({ id: undefined, function: fn, binding }), c.req.valid('json')), 200);
  });

  app.openapi(queryShared, async (c) => {
    const { database: id } = c.req.valid('param');
    if (id.length > 128) throw new BrinkError('bad-request', 'An id of a database has at most 128 characters.');
    return c.json(await run(databaseScope({ id: id.toWellFormed(), function: '', binding: '' }), c.req.valid('json')), 200);
  });
}

function unreachable(cause: unknown): unknown {
  if (cause instanceof BrinkError) return cause;
  return new BrinkError('store-unavailable', 'The database cannot be reached now. Try again in a moment.', { cause });
}

const described = {
  description: 'In one transaction: all of them or none. `sql-failed` says, in the words of SQLite, what was wrong.',
  responses: { 200: json(QueriesView, 'The result of each'), ...problems },
};
const body = { required: true, content: { 'application/json': { schema: QueriesBody } } };

const queryOwn = createRoute({
  method: 'post',
  path: '/functions/{fn}/databases/{binding}/query',
  summary: "Runs SQL on a function's own database",
  request: { params: DatabaseParam, body },
  ...described,
});

const queryShared = createRoute({
  method: 'post',
  path: '/databases/{database}/query',
  summary: 'Runs SQL on a database that has an id',
  request: { params: SharedDatabaseParam, body },
  ...described,
});
