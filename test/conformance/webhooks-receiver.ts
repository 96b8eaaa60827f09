import { eventually, freshName, publish, type TestHost } from './harness.ts';
import type { Signed } from '../webhooks/sign.ts';

/** Logs what its queue brings. */
const RECEIVER = `export default {
  fetch: (request) => new Response('the function: ' + request.method),
  queue({ messages }) {
    for (const { id, body } of messages) {
      const line = JSON.stringify({ id, body });
      console.log(line.length < 10_000 ? line : JSON.stringify({ id, body: { id: body.id, type: body.type } }));
    }
  },
};`;

export interface Event {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly [attribute: string]: unknown;
}

export interface Came {
  readonly id: string;
  readonly body: Event;
}

export interface Receiver {
  readonly name: string;
  readonly url: string;
  post(path: string, signed: { readonly body?: string | Uint8Array | null; readonly headers?: Record<string, string> }): Promise<Response>;
  /** The status, and the code where it is an error. */
  outcome(path: string, signed: Partial<Signed>): Promise<readonly [number, string | undefined]>;
  /** What has come, once there are so many. */
  came(count: number): Promise<readonly Came[]>;
}

export interface ReceiverOptions {
  readonly webhooks: readonly Record<string, unknown>[];
  readonly secrets?: Readonly<Record<string, string>>;
  readonly filter?: Record<string, unknown>;
}

/** A function whose webhooks lead to a queue of its own, which is the one of each that names none. */
export async function publishReceiver(host: TestHost, { webhooks, secrets = {}, filter }: ReceiverOptions): Promise<Receiver> {
  const name = freshName();
  if (Object.keys(secrets).length > 0) await host.admin.changeSecrets(name, secrets);
  const queue = `${name}-hooks`;
  const consumer = { queue, max_batch_size: 10, max_batch_timeout: 0, ...(filter && { filter }) };
  const { url } = await publish(host, RECEIVER, {
    name,
    alias: 'live',
    manifest: { webhooks: webhooks.map((each) => ({ queue, ...each })), queues: { consumers: [consumer] } },
  });
  const post: Receiver['post'] = (path, { body = null, headers = {} }) =>
    fetch(url + path, { method: 'POST', headers, body: body as BodyInit | null });
  return {
    name,
    url,
    post,
    async outcome(path, signed) {
      const response = await post(path, signed);
      const text = await response.text();
      return [response.status, response.ok ? undefined : (JSON.parse(text) as { code: string }).code];
    },
    came: (count) =>
      eventually(() => {
        const lines = host.events.flatMap((each) => (each.type === 'console' && each.function === name ? [each.message] : []));
        return lines.length >= count ? lines.map((line) => JSON.parse(line) as Came) : undefined;
      }),
  };
}
