import { Hono } from 'hono';
import { problemResponse } from '../gateway/problem.ts';
import type { AdminDeps } from './deps.ts';
import { ADMIN_PATH } from './path.ts';

/** The admin API, which is made when it is first asked: what it is made of takes as long to load as all the rest. */
export function createLateAdmin(deps: AdminDeps): (request: Request, env: object | undefined) => Promise<Response> {
  let app: Hono | undefined;
  return async (request, env) => {
    if (app === undefined) {
      // No request may wait for what another has begun, on workerd.
      const { createAdmin } = await import('./api.ts');
      app ??= new Hono().route(ADMIN_PATH, createAdmin(deps)).onError((error) => problemResponse(error));
    }
    return app.fetch(request, env);
  };
}
