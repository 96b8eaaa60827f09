import type { ExportedHandler } from '../../../sdk/index.ts';

interface Env {
  readonly GREETING: string;
}

/** What `functions/alias` calls: it greets whom the path names. */
export default {
  fetch(request, { GREETING }, ctx) {
    const name = decodeURIComponent(new URL(request.url).pathname.slice(1)) || 'world';
    return new Response(`${GREETING}, ${name}!\n`, { headers: { 'x-version': String(ctx.brink.version) } });
  },
} satisfies ExportedHandler<Env>;
