import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { BrinkError } from '../../errors.ts';
import { problemResponse } from '../../gateway/problem.ts';
import type { NodeRaw } from './call.ts';
import { LightResponse } from './light-response.ts';
import { plainRequest } from './plain-request.ts';
import { acceptUpgrades } from './web-socket.ts';
import { writeLight, writeWhole } from './write.ts';

export type NodeFetch = (request: Request, env: NodeRaw) => Response | Promise<Response>;

/** The listener has nothing left to write. https://github.com/honojs/node-server (`RESPONSE_ALREADY_SENT`) */
const WRITTEN = new Response(null, { headers: { 'x-hono-already-sent': 'true' } });

/** The HTTP server before a host. Requests that Node's parser lets pass and no standard allows end here. */
export function createFront(fetch: NodeFetch): Server {
  const listener = getRequestListener(
    (request, env) => {
      const raw = env as unknown as NodeRaw;
      const refused = refuse(raw.incoming);
      if (refused) return refused;
      const response = fetch(request, raw);
      return response instanceof Promise ? response.then((late) => write(late, raw.outgoing)) : write(response, raw.outgoing);
    },
    {
      overrideGlobalObjects: false,
      errorHandler: (error) => problemResponse(error instanceof Error && error.name === 'RequestError' ? badRequest(error.message) : error),
    },
  );
  const server = createServer(
    // A body may take its time; what may not is the head. Proxies keep connections for 60 s as a rule.
    { keepAliveTimeout: 65_000, headersTimeout: 30_000, requestTimeout: 0, insecureHTTPParser: false },
    (incoming, outgoing) => {
      const plain = plainRequest(incoming, outgoing);
      if (plain !== undefined) return answerPlain(fetch, plain, { incoming, outgoing });
      // RFC 9112, section 3.2.1: a target has no fragment.
      const hash = incoming.url!.indexOf('#');
      if (hash !== -1) incoming.url = incoming.url!.slice(0, hash);
      return void listener(incoming, outgoing);
    },
  );
  acceptUpgrades(server, fetch, refuse);
  return server;
}

/** Without the listener's own Request, and its look at a response that is written. */
function answerPlain(fetch: NodeFetch, request: Request, raw: NodeRaw): void {
  const response = refuse(raw.incoming) ?? fetch(request, raw);
  if (response instanceof Promise) response.then((late) => writeAny(late, raw.outgoing)).catch(() => raw.outgoing.destroy());
  else writeAny(response, raw.outgoing);
}

function writeAny(response: Response, outgoing: ServerResponse): void {
  const written = LightResponse.is(response) ? writeLight(response, outgoing) : writeWhole(response, outgoing);
  written?.catch(() => outgoing.destroy());
}

/** A cell's response leaves with its header lines as they are; any other goes the listener's way. */
function write(response: Response, outgoing: ServerResponse): Response | Promise<Response> {
  if (!LightResponse.is(response)) return response;
  const written = writeLight(response, outgoing);
  return written === undefined ? WRITTEN : written.then(() => WRITTEN);
}

function refuse({ rawHeaders, method }: IncomingMessage): Response | null {
  let hosts = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!;
    if (name.length === 4 && name.toLowerCase() === 'host') hosts++;
  }
  // RFC 9112, section 3.2: more than one Host, or none, is a 400.
  if (hosts !== 1) return problemResponse(badRequest(`It has ${hosts} Host headers; there must be one`));
  if (method === 'TRACE')
    return problemResponse(new BrinkError('method-not-allowed', 'TRACE would show a client the headers that others added.'));
  return null;
}

function badRequest(why: string): BrinkError {
  return new BrinkError('bad-request', `The request cannot be taken: ${why}.`);
}
