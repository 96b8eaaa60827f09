import type { ExportedHandler } from '../../../sdk/index.ts';
import { confirm, nameOf, register, welcome, type Env } from './users.ts';

/** `POST /NAME` registers a user, `PUT /NAME` confirms it, and then the user is welcomed. */
export default {
  async fetch(request, env, ctx) {
    const name = nameOf(request);
    const headers = { 'x-version': String(ctx.brink.version) };
    if (name === null) return new Response('A name is of a-z: /ada\n', { status: 404, headers });
    const isDone = request.method === 'POST' ? await register(env, name, { confirmed: false }) : await confirm(env, name);
    return new Response(null, { status: isDone ? 204 : 409, headers });
  },

  queue({ messages }, env) {
    return welcome(messages, env, (name) => `Welcome, ${name}`);
  },
} satisfies ExportedHandler<Env>;
