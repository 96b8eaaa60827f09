import type { ExportedHandler, Message } from '../../../sdk/index.ts';
import { deploy } from './deploy.ts';
import type { Env } from './entry.ts';
import { publish } from './publish.ts';
import { serve } from './serve.ts';

/** https://developers.cloudflare.com/r2/buckets/event-notifications/ */
interface BucketEvent {
  readonly object: { readonly key: string };
}

/** Publishes what is put into a bucket. `GET /NAME` serves it, and `/_deploy/NAME` is for who has the token. */
export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith('/_deploy/')) return deploy(request, env, pathname.slice('/_deploy/'.length));
    if (request.method === 'GET' || request.method === 'HEAD') return serve(request, env, ctx);
    return new Response('Use GET or HEAD.\n', { status: 405, headers: { allow: 'GET, HEAD' } });
  },

  /** Each name by itself: one that fails holds no other up. */
  async queue({ messages }, env) {
    await Promise.all(messages.map((message) => handle(message as Message<BucketEvent>, env)));
  },
} satisfies ExportedHandler<Env>;

async function handle(message: Message<BucketEvent>, env: Env): Promise<void> {
  const { key } = message.body.object;
  try {
    await publish(env, key);
    message.ack();
  } catch (error) {
    console.error(`${key}, delivery ${message.attempts}:`, error);
    message.retry({ delaySeconds: Math.min(300, 2 ** message.attempts) });
  }
}
