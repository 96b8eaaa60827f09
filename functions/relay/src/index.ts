import { CloudEventRefused, messageCloudEvent, sendCloudEvents, type ExportedHandler, type Message } from '../../../sdk/index.ts';

interface Env {
  /** Where the events go. */
  readonly SINK: string;
}

export default {
  /** Takes CloudEvents at /events, by its webhook, and sends each on: again and again, until it is taken or nobody wants it. */
  async queue({ messages }, { SINK }) {
    await Promise.all(messages.map((message) => relay(message, SINK)));
  },
} satisfies ExportedHandler<Env>;

async function relay(message: Message, sink: string): Promise<void> {
  try {
    await sendCloudEvents(sink, messageCloudEvent(message), { signal: AbortSignal.timeout(10_000) });
    message.ack();
  } catch (error) {
    const refused = error instanceof CloudEventRefused ? error : null;
    console.warn(`message ${message.id}, delivery ${message.attempts}:`, error);
    if (refused?.final === true) message.ack();
    else message.retry({ delaySeconds: refused?.retryAfter ?? 2 ** (message.attempts - 1) });
  }
}
