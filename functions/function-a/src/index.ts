import type { ExportedHandler } from '../../../sdk/index.ts';

interface Env {
  readonly GREETING: string;
}

/** What `functions/alias` calls: it greets whom the query names. */
export default {
  fetch(request, { GREETING }, ctx) {
    const name = new URL(request.url).searchParams.get('name') ?? 'world';
    return new Response(`${GREETING}, ${name}!\n`, { headers: { 'x-version': String(ctx.brink.version) } });
  },
} satisfies ExportedHandler<Env>;
