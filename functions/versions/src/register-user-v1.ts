import type { ExportedHandler } from '../../../sdk/index.ts';
import { answer, welcome, type Env } from './users.ts';

/** `POST /NAME` registers a user, `PUT /NAME` confirms it, and then the user is welcomed. */
export default {
  async fetch(request, env, ctx) {
    const status = await answer(request, env, { confirmed: false });
    return new Response(null, { status, headers: { 'x-version': String(ctx.brink.version) } });
  },

  queue({ messages }, env) {
    return welcome(messages, env, (name) => `Welcome, ${name}`);
  },
} satisfies ExportedHandler<Env>;
