import type { ExportedHandler } from '../../../sdk/index.ts';

interface Env {
  GREETING: string;
}

export default {
  fetch(request, env, ctx) {
    const name = new URL(request.url).searchParams.get('name') ?? 'world';
    return new Response(`${env.GREETING}, ${name}!\n`, { headers: { 'x-version': String(ctx.brink.version) } });
  },
} satisfies ExportedHandler<Env>;
