import type { ExportedHandler, Message, Queue, SendEmail } from '../../../sdk/index.ts';

/** What somebody is to hear of. Other functions send it too: as a message of the queue `notices`. */
interface Notice {
  readonly about: string;
  readonly text: string;
}

interface Env {
  readonly TO: string;
  readonly FROM: string;
  readonly BACKOFF: number;
  readonly EMAIL: SendEmail;
  readonly NOTICES: Queue<Notice>;
  readonly DEAD: Queue<Notice>;
}

/** The code of an error of `send` that another try may not meet. */
const PASSES = 'E_INTERNAL_SERVER_ERROR';
const LONGEST = 3_600;

export default {
  /** The notice is on the queue when the sender hears that its mail was taken. */
  async email(message, { NOTICES }) {
    const about = message.headers.get('subject') ?? 'no subject';
    await NOTICES.send({ about, text: `${message.from || 'Somebody'} wrote to ${message.to}.` });
  },

  /** Each notice by itself: one that cannot be sent holds no other up. */
  async queue({ messages }, env) {
    await Promise.all(messages.map((message) => notify(message as Message<Notice>, env)));
  },
} satisfies ExportedHandler<Env>;

async function notify(message: Message<Notice>, { TO, FROM, BACKOFF, EMAIL, DEAD }: Env): Promise<void> {
  try {
    const { about, text } = message.body;
    // A notice may come twice, as where the relay's answer was lost: by its id its reader can tell.
    await EMAIL.send({ from: FROM, to: TO, subject: `Notice: ${about}`, text, headers: { 'X-Notice-Id': message.id } });
    message.ack();
  } catch (error) {
    const { code, message: why } = error as Error & { code?: string };
    console.warn(`${message.body.about}, try ${message.attempts}: ${why}`);
    if (code === PASSES) return message.retry({ delaySeconds: Math.min(BACKOFF * 2 ** (message.attempts - 1), LONGEST) });
    // No other try would do better.
    await DEAD.send(message.body);
    message.ack();
  }
  return undefined;
}
