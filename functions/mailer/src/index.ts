import type { ExportedHandler, KVNamespace, Message, Queue } from '../../../sdk/index.ts';

interface Mail {
  readonly to: string;
  readonly subject: string;
}

interface Env {
  readonly MAILS: Queue<Mail>;
  readonly SENT: KVNamespace;
}

export default {
  /** POST takes a mail and answers at once; GET says which have been sent. */
  async fetch(request, { MAILS, SENT }) {
    if (request.method !== 'POST') return Response.json((await SENT.list()).keys.map(({ name }) => name));
    await MAILS.send((await request.json()) as Mail);
    return new Response('It is on its way.\n', { status: 202 });
  },

  /** Each mail by itself: one that cannot be sent holds no other up. */
  async queue({ messages }, env) {
    await Promise.all(messages.map((message) => deliver(message as Message<Mail>, env)));
  },
} satisfies ExportedHandler<Env>;

async function deliver(message: Message<Mail>, { SENT }: Env): Promise<void> {
  const { to, subject } = message.body;
  // A mail may come twice; it is sent once.
  if ((await SENT.get(`${to}/${message.id}`)) !== null) return message.ack();
  try {
    await send(to, subject);
    await SENT.put(`${to}/${message.id}`, subject);
    message.ack();
  } catch (error) {
    console.warn(`${to}, delivery ${message.attempts}:`, error);
    message.retry({ delaySeconds: message.attempts - 1 });
  }
  return undefined;
}

/** What a relay would do. */
async function send(to: string, subject: string): Promise<void> {
  if (!to.includes('@')) throw new Error(`${JSON.stringify(to)} is no address`);
  console.log(`To ${to}: ${subject}`);
}
