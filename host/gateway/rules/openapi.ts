import type { LoadedVersion } from '../../dispatch/cell.ts';
import { BrinkError } from '../../errors.ts';
import type { OpenApiDocument } from '../../openapi/document.ts';
import { presented } from '../../openapi/present.ts';
import { PAGE_HEADERS, referencePage } from '../../openapi/reference/page.ts';
import type { OpenApiRule } from '../../registry/gateway/openapi.ts';
import { isUnmodified } from '../cache/answer.ts';
import type { GatewayCall } from '../call.ts';
import { guardOf } from '../openapi/guard.ts';
import { cameBy, mountOf } from '../openapi/mount.ts';
import type { GatewayTools, RuleKind } from '../rules.ts';

interface Served {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly etag: string;
}

/** Ways to reach a function by which what is served is kept. */
const MAX_KEPT = 4;
const utf8 = new TextEncoder();

/** Answers GET and HEAD with the function's OpenAPI document, or with a page of it, as they hold for who came this way. */
export function openApiRule({ openapi, cache: { messages } }: Pick<GatewayTools, 'openapi' | 'cache'>): RuleKind<'openapi'> {
  return {
    name: 'openapi',
    filter(what, version) {
      // What they lead to, and not promises: those of other requests are not waited for.
      const kept = new Map<string, Served>();
      const answered = async (call: GatewayCall): Promise<Response> => {
        const { origin } = new URL(call.arrival.request.url);
        const key = [origin, mountOf(call.arrival), call.arrival.destination.route ?? ''].join(' ');
        let served = kept.get(key);
        if (served === undefined) {
          const document = await openapi(version);
          if (document === null) throw noDocument(version);
          const body = bodyOf(what, { document, version, call, origin });
          served = { body, etag: `"${await messages.hash(body)}"` };
          if (kept.size >= MAX_KEPT) kept.clear();
          kept.set(key, served);
        }
        return answer(what, served, call);
      };
      return (call) => (call.method === 'GET' || call.method === 'HEAD' ? answered(call) : undefined);
    },
  };
}

interface Serving {
  readonly document: OpenApiDocument;
  readonly version: LoadedVersion;
  readonly call: GatewayCall;
  readonly origin: string;
}

function bodyOf(what: OpenApiRule, { document, version, call, origin }: Serving): Uint8Array<ArrayBuffer> {
  const guard = guardOf(version.manifest, cameBy(call.arrival));
  const holds = presented(document, { mount: mountOf(call.arrival), guard });
  return utf8.encode(what === 'document' ? JSON.stringify(holds) : referencePage(holds, { origin }));
}

function answer(what: OpenApiRule, { body, etag }: Served, call: GatewayCall): Response {
  const headers = new Headers(what === 'document' ? { 'content-type': 'application/json' } : PAGE_HEADERS);
  headers.set('etag', etag);
  // The alias may lead to another version at once.
  headers.set('cache-control', 'no-cache');
  const field = (name: string) => (name === 'if-none-match' ? call.sent(name) : null);
  if (isUnmodified({ etag, modified: null, lines: [], came: Infinity }, field, 0)) {
    headers.delete('content-type');
    return new Response(null, { status: 304, headers });
  }
  headers.set('content-length', String(body.byteLength));
  return new Response(call.method === 'HEAD' ? null : body, { headers });
}

function noDocument({ function: name, number }: LoadedVersion): BrinkError {
  return new BrinkError('openapi-not-found', `${name}@${number} has no OpenAPI document to serve.`, {
    details: { function: name, version: number },
  });
}
