import type { ExportedHandler, KVNamespace } from '../../../sdk/index.ts';
import { enter } from './top.ts';

export interface Env {
  readonly STATS: KVNamespace;
}

/** Of three bytes each at most, which a key has room for. */
const LONGEST = 160;

/** `POST /?q=TEXT` counts a query, `GET /?q=TEXT` tells how often there was one, and `GET /` the ten most frequent. */
export default {
  async fetch(request, { STATS }) {
    const asked = new URL(request.url).searchParams.get('q');
    if (request.method === 'GET' && asked === null) return Response.json((await STATS.get('top', 'json')) ?? []);
    const query = normal(asked ?? '');
    if (query === '' || query.length > LONGEST) return problem(400, `Give a query of 1 to ${LONGEST} characters: /?q=tea`);
    switch (request.method) {
      case 'GET':
        return Response.json({ query, count: Number((await STATS.get(`count/${query}`)) ?? 0) });
      case 'POST': {
        const count = await STATS.increment(`count/${query}`);
        await enter(STATS, { query, count });
        return Response.json({ query, count });
      }
      default:
        return problem(405, 'Use GET or POST.', { allow: 'GET, POST' });
    }
  },
} satisfies ExportedHandler<Env>;

/** One text for what people take for the same query. */
function normal(query: string): string {
  return query.normalize('NFKC').toLowerCase().trim().replace(/\s+/g, ' ');
}

function problem(status: number, error: string, headers: HeadersInit = {}): Response {
  return Response.json({ error }, { status, headers });
}
