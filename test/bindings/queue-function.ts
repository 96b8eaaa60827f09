/**
 * A function that sends what it is told to, and whose consumer does with each message what its body says: one suite runs in a
 * cell of each engine and in a plain Worker. It imports nothing, so that its text alone is a module.
 */
interface Sender {
  send(body?: unknown, options?: unknown): Promise<unknown>;
  sendBatch(messages?: unknown, options?: unknown): Promise<unknown>;
  metrics(): Promise<Record<string, unknown>>;
}

interface Delivered {
  readonly id: string;
  readonly timestamp: Date;
  readonly attempts: number;
  readonly body: unknown;
  ack(): void;
  retry(options?: unknown): void;
}

interface Delivery {
  readonly queue: string;
  readonly messages: readonly Delivered[];
  readonly metadata: { readonly metrics: Record<string, unknown> };
  ackAll(): void;
  retryAll(options?: unknown): void;
}

/** A body that says what is to become of it, delivery by delivery; the last word holds for all that follow. */
export interface Job {
  readonly label: string;
  readonly words: readonly string[];
}

/** One delivery of a message. */
export interface Seen {
  readonly queue: string;
  readonly label: string;
  readonly id: string;
  readonly attempts: number;
  readonly timestamp: number;
  readonly at: number;
  /** Labels of the whole batch. */
  readonly batch: readonly string[];
}

export type Result = { readonly value: unknown } | { readonly error: { readonly name: string; readonly message: string } };

type Env = Readonly<Record<string, Sender>>;
type Context = { waitUntil(promise: Promise<unknown>): void };

const seen: Seen[] = [];
/** What was read of bodies that are no jobs, as text. */
const bodies: string[] = [];
let kept: Delivered | undefined;

const shared = { a: 1 };
const circle: Record<string, unknown> = {};
circle['self'] = circle;

const BODIES: Readonly<Record<string, readonly [body: unknown, options?: object]>> = {
  json: [{ a: [1, 'x', null, true], b: new Date(0), c: undefined }],
  text: ['Grüße \u{1F600}', { contentType: 'text' }],
  'text in capitals': ['a', { contentType: 'TEXT' }],
  bytes: [Uint8Array.of(1, 2, 255).subarray(1), { contentType: 'bytes' }],
  'bytes of another view': [new DataView(Uint8Array.of(7, 8).buffer), { contentType: 'bytes' }],
  null: [null],
  zero: [0],
  'an empty text': ['', { contentType: 'text' }],
  v8: [
    {
      date: new Date(5),
      map: new Map<unknown, unknown>([[1, new Set(['x'])]]),
      nothing: undefined,
      numbers: [NaN, -0, Infinity, 10n, 1.5, 2 ** 40],
      view: new Uint16Array([1, 500]),
      pattern: /a+/gi,
      error: new RangeError('too far'),
      buffer: Uint8Array.of(9).buffer,
      text: '日本 Grüße',
      same: [shared, shared],
      circle,
      holes: Object.assign([], { 2: 'x' }),
    },
    { contentType: 'v8' },
  ],
};

const CALLS: Readonly<Record<string, (queue: Sender) => Promise<unknown>>> = {
  'no body': (queue) => queue.send(undefined),
  'a bigint as JSON': (queue) => queue.send(1n),
  'a function as JSON': (queue) => queue.send(() => 1),
  'a function as v8': (queue) => queue.send(() => 1, { contentType: 'v8' }),
  'a number as text': (queue) => queue.send(1, { contentType: 'text' }),
  'a string as bytes': (queue) => queue.send('a', { contentType: 'bytes' }),
  'a buffer as bytes': (queue) => queue.send(new ArrayBuffer(1), { contentType: 'bytes' }),
  'an unknown type': (queue) => queue.send('a', { contentType: 'xml' }),
  'a null type': (queue) => queue.send('a', { contentType: null }),
  'options that are text': (queue) => queue.send('a', 'x'),
  'a negative delay': (queue) => queue.send('a', { delaySeconds: -1 }),
  'a delay of a day and a second': (queue) => queue.send('a', { delaySeconds: 86_401 }),
  'a delay of a day': (queue) => queue.send('a', { delaySeconds: 86_400 }),
  'a delay with a fraction': (queue) => queue.send('a', { delaySeconds: 86_399.9 }),
  'null options': (queue) => queue.send({ label: 'null options', words: ['ack'] }, null),
  'the largest text': (queue) => queue.send('x'.repeat(128_000), { contentType: 'text', delaySeconds: 86_400 }),
  'a text that is too large': (queue) => queue.send('x'.repeat(128_001), { contentType: 'text' }),
  'no messages': (queue) => queue.sendBatch([]),
  'no list': (queue) => queue.sendBatch(),
  'a message without body': (queue) => queue.sendBatch([{}]),
  'a message that is text': (queue) => queue.sendBatch(['a']),
  '101 messages': (queue) => queue.sendBatch(Array.from({ length: 101 }, () => ({ body: 1 }))),
  '100 messages': (queue) => queue.sendBatch(Array.from({ length: 100 }, () => ({ body: 1, delaySeconds: 86_400 }))),
  'a generator of messages': (queue) =>
    queue.sendBatch(
      (function* () {
        yield { body: { label: 'generated', words: ['ack'] } };
      })(),
    ),
  'a message that is too large': (queue) => queue.sendBatch([{ body: 'x'.repeat(128_001), contentType: 'text' }]),
  'too many bytes': (queue) => queue.sendBatch([1, 2, 3].map(() => ({ body: 'x'.repeat(128_000), contentType: 'text' }))),
  'a message of an unknown type': (queue) => queue.sendBatch([{ body: 1, contentType: 'xml' }]),
  'a common delay that is too long': (queue) => queue.sendBatch([{ body: 1 }], { delaySeconds: 86_401 }),
  'one delay that is too long': (queue) => queue.sendBatch([{ body: 1 }, { body: 1, delaySeconds: 86_401 }]),
};

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { pathname } = new URL(request.url);
    const [what, name] = decodeURIComponent(pathname).split('/').slice(-2) as [string, string];
    const queue = env[request.headers.get('queue') ?? 'IN']!;
    switch (what) {
      case 'seen':
        return Response.json(seen);
      case 'bodies':
        return Response.json(bodies);
      case 'call':
        return Response.json(await settled(CALLS[name]!(queue)));
      case 'body':
        return Response.json(await settled(queue.send(...BODIES[name]!)));
      case 'send':
        return Response.json(await settled(queue.sendBatch(...((await request.json()) as [unknown, unknown]))));
      case 'metrics':
        return Response.json({ ...(await queue.metrics()), date: (await queue.metrics())['oldestMessageTimestamp'] instanceof Date });
      default:
        return Response.json(Object.keys(what === 'calls' ? CALLS : BODIES));
    }
  },

  async queue(batch: Delivery, _env: Env, ctx: Context): Promise<void> {
    const jobs = batch.messages.map((message) => [message, jobOf(message)] as const);
    const labels = jobs.map(([, job]) => job?.label ?? '');
    for (const [message, job] of jobs) {
      if (job === null) {
        bodies.push(describe(message.body));
        continue;
      }
      const { id, attempts, timestamp } = message;
      seen.push({ queue: batch.queue, label: job.label, id, attempts, timestamp: timestamp.getTime(), at: Date.now(), batch: labels });
    }
    for (const [message, job] of jobs) {
      const word = job?.words[Math.min(message.attempts, job.words.length) - 1];
      if (word !== undefined) await perform(word, { message, batch, ctx });
    }
  },
};

async function perform(word: string, { message, batch, ctx }: { message: Delivered; batch: Delivery; ctx: Context }): Promise<void> {
  for (const each of word.split(' ')) {
    const [what, delay] = each.split(':') as [string, string?];
    const options = delay === undefined ? undefined : { delaySeconds: Number(delay) };
    if (what === 'ack') message.ack();
    else if (what === 'retry') message.retry(options);
    else if (what === 'ackAll') batch.ackAll();
    else if (what === 'retryAll') batch.retryAll(options);
    else if (what === 'throw') throw new Error('as told');
    else if (what === 'later') await new Promise((resolve) => setTimeout(resolve, 30));
    else if (what === 'background') ctx.waitUntil(new Promise((resolve) => setTimeout(resolve, 60)).then(() => message.retry(options)));
    else if (what === 'rejected') ctx.waitUntil(Promise.reject(new Error('as told')));
    else if (what === 'keep') kept = message;
    else if (what === 'old') retryOld();
  }
}

/** workerd lets no invocation use what is another's. */
function retryOld(): void {
  try {
    kept?.retry();
  } catch {
    // It has changed nothing.
  }
}

function jobOf({ body }: Delivered): Job | null {
  return body !== null && typeof body === 'object' && 'label' in body && 'words' in body ? (body as Job) : null;
}

async function settled(call: Promise<unknown>): Promise<Result> {
  try {
    return { value: await call };
  } catch (error) {
    const { name, message } = error as Error;
    return { error: { name, message } };
  }
}

/** What JSON would leave out is in it. */
function describe(value: unknown, known: readonly unknown[] = []): string {
  if (value === undefined) return 'undefined';
  if (Object.is(value, -0)) return '-0';
  if (typeof value === 'bigint') return `${value}n`;
  if (value === null || typeof value !== 'object') return typeof value === 'string' ? JSON.stringify(value) : String(value as number);
  if (known.includes(value)) return 'again';
  const inner = (each: unknown) => describe(each, [...known, value]);
  if (value instanceof Date) return `Date ${value.getTime()}`;
  if (value instanceof Map)
    return `Map ${Array.from(value as Map<unknown, unknown>, ([key, each]) => `${inner(key)}=>${inner(each)}`).join()}`;
  if (value instanceof Set) return `Set ${Array.from(value as Set<unknown>, inner).join()}`;
  if (value instanceof RegExp) return `RegExp ${String(value)}`;
  if (value instanceof Error) return `${value.constructor.name} ${value.message}`;
  if (value instanceof ArrayBuffer) return `ArrayBuffer ${new Uint8Array(value).join()}`;
  if (ArrayBuffer.isView(value)) return `${value.constructor.name} ${(value as Uint8Array).join()}`;
  const entries = Object.entries(value).map(([key, each]) => `${key}:${inner(each)}`);
  const same = Array.isArray(value) && value.length === 2 && value[0] === value[1] ? ' the same' : '';
  return Array.isArray(value) ? `[${entries.join()}](${value.length})${same}` : `{${entries.join()}}`;
}
