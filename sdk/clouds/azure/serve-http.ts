import type { Call, Settings } from '../settings.ts';
import { HttpRequest, responseOf } from './http.ts';
import { invoke } from './invoke.ts';
import { mayCall, missingKey } from './keys.ts';
import type { HttpFunction } from './registry.ts';
import { createRouter } from './routes.ts';

export function serveHttp(all: readonly HttpFunction[], settings: Settings) {
  const route = createRouter(all, settings.azure.route_prefix);
  for (const { name, authLevel } of all) {
    const warning = missingKey(authLevel);
    if (warning !== undefined) console.warn(`${name}: ${warning}`);
  }
  return async (request: Request, env: Readonly<Record<string, unknown>>, { brink }: Call): Promise<Response> => {
    const match = route(request.method, new URL(request.url).pathname);
    if (match === undefined) return new Response(null, { status: 404 });
    const { fn, params } = match;
    if (!mayCall(fn.authLevel, request)) return new Response(null, { status: 401 });
    const context = { invocationId: brink.requestId, traceParent: brink.traceparent, triggerMetadata: params, options: { ...fn } };
    const result = await invoke(fn, { settings, env, context, trigger: new HttpRequest(request, params) });
    return responseOf(result);
  };
}
