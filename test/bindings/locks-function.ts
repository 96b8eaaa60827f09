/**
 * A function that plays scenes with `env.LOCKS`, each in one invocation: one suite runs in a test and in a cell. It imports
 * nothing, so that its text alone is a module.
 */
interface Lock extends AsyncDisposable {
  readonly name: string;
  readonly mode: string;
  readonly fence: number;
  readonly signal: AbortSignal;
  release(): Promise<void>;
}
type Ask = (name: unknown, ...rest: unknown[]) => Promise<unknown>;
interface Locks {
  readonly request: Ask;
  acquire(name: unknown, options?: unknown): Promise<Lock | null>;
  query(): Promise<{ readonly held: readonly Info[]; readonly pending: readonly Info[] }>;
}
interface Info {
  readonly name: string;
  readonly mode: string;
  readonly clientId: string;
  readonly fence?: number;
}

export type Scene = (locks: Locks) => Promise<unknown>;
/** What a scene gave, or threw. */
export type Played =
  { readonly value: unknown } | { readonly error: { readonly name: string; readonly message: string; readonly code?: unknown } };

const pause = (ms = 20) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const SHARED = { mode: 'shared' };
const NOW = { ifAvailable: true };

async function held(locks: Locks, name: string, options?: object): Promise<Lock> {
  return (await locks.acquire(name, options))!;
}

async function thrown(work: Promise<unknown>): Promise<unknown> {
  try {
    return { value: await work };
  } catch (error) {
    const { name, message, code } = error as Error & { code?: unknown };
    return { name, message, ...(typeof code === 'string' && { code }) };
  }
}

export const scenes = {
  async 'a callback has the lock'(locks) {
    let seen: unknown;
    const value = await locks.request('a', (lock: Lock) => {
      seen = [lock.name, lock.mode, Number.isSafeInteger(lock.fence) && lock.fence > 0, lock.signal.aborted];
      return 'given';
    });
    return { value, seen, free: (await locks.acquire('a', NOW)) !== null };
  },

  async 'a callback that throws'(locks) {
    const error = await thrown(locks.request('b', () => Promise.reject(new RangeError('mine'))));
    return { error, free: await locks.request('b', NOW, (lock: Lock | null) => lock !== null) };
  },

  async 'fences of a name'(locks) {
    const fences: number[] = [];
    for (let round = 0; round < 5; round++) await locks.request('c', ({ fence }: Lock) => fences.push(fence));
    const all = await Promise.all(Array.from({ length: 3 }, () => held(locks, 'c', SHARED)));
    fences.push(...all.map(({ fence }) => fence));
    return { grows: fences.every((fence, index) => index === 0 || fence > fences[index - 1]!), count: fences.length };
  },

  async 'waiters in their order'(locks) {
    const first = await held(locks, 'd');
    const order: number[] = [];
    const waiting: Promise<unknown>[] = [];
    for (let index = 0; index < 8; index++) {
      waiting.push(locks.request('d', () => void order.push(index)));
      await pause(5);
    }
    const before = order.length;
    await first.release();
    await Promise.all(waiting);
    return { before, order };
  },

  async 'shared and exclusive'(locks) {
    const [one, two] = [await held(locks, 'e', SHARED), await held(locks, 'e', SHARED)];
    const log: string[] = [];
    const exclusive = locks.acquire('e').then((lock) => (log.push('exclusive'), lock!));
    await pause();
    const behind = locks.acquire('e', SHARED).then((lock) => (log.push('shared'), lock!));
    const overtaking = await locks.acquire('e', { ...SHARED, ...NOW });
    await one.release();
    await pause();
    log.push('one of two is free');
    await two.release();
    const lock = await exclusive;
    await pause();
    log.push('exclusive is free');
    await lock.release();
    await (await behind).release();
    return { log, overtaking };
  },

  async ifAvailable(locks) {
    const lock = await held(locks, 'f');
    const seen = [await locks.acquire('f', NOW), await locks.request('f', NOW, (each: unknown) => each)];
    await lock.release();
    return { seen, after: (await locks.acquire('f', NOW)) !== null };
  },

  async 'a signal'(locks) {
    const early = await thrown(locks.acquire('g', { signal: AbortSignal.abort(new RangeError('before')) }));
    const lock = await held(locks, 'g');
    const controller = new AbortController();
    const waiting = thrown(locks.request('g', { signal: controller.signal }, () => 'never'));
    await pause();
    controller.abort(new RangeError('meanwhile'));
    const late = await waiting;
    await lock.release();
    const other = new AbortController();
    const mine = await held(locks, 'g', { signal: other.signal });
    other.abort();
    return { early, late, without: mine.signal.aborted, pending: (await locks.query()).pending.filter(({ name }) => name === 'g') };
  },

  async wait(locks) {
    const lock = await held(locks, 'h');
    const late = await thrown(locks.acquire('h', { wait: 30 }));
    const next = locks.acquire('h', { wait: 10_000 });
    await pause();
    await lock.release();
    return { late, next: (await next) !== null };
  },

  async 'one that gives up lets the next on'(locks) {
    const lock = await held(locks, 'i', SHARED);
    const controller = new AbortController();
    const exclusive = thrown(locks.acquire('i', { signal: controller.signal }));
    await pause();
    const behind = locks.acquire('i', SHARED);
    await pause();
    controller.abort(new Error('enough'));
    await exclusive;
    const got = await behind;
    return { together: got !== null && !lock.signal.aborted };
  },

  async steal(locks) {
    const victim = thrown(
      locks.request('j', async (lock: Lock) => {
        await new Promise((resolve) => lock.signal.addEventListener('abort', resolve));
        return 'too late';
      }),
    );
    const theirs = async () => (await locks.query()).held.find(({ name }) => name === 'j');
    while ((await theirs()) === undefined) await pause();
    const waiting = locks.acquire('j');
    const before = (await theirs())!.fence!;
    const thief = await held(locks, 'j', { steal: true });
    const error = await victim;
    const { fence } = thief;
    await thief.release();
    const next = (await waiting)!;
    return { error, grows: [fence > before, next.fence > fence], lost: thief.signal.aborted };
  },

  async release(locks) {
    const lock = await held(locks, 'k');
    await Promise.all([lock.release(), lock.release()]);
    await lock.release();
    return { aborted: lock.signal.aborted, free: (await locks.acquire('k', NOW)) !== null };
  },

  async 'await using'(locks) {
    let inside: unknown;
    {
      await using lock = await held(locks, 'l');
      inside = [lock.name, await locks.acquire('l', NOW)];
    }
    return { inside, free: (await locks.acquire('l', NOW)) !== null };
  },

  async query(locks) {
    const [shared, other] = [await held(locks, 'm/1', SHARED), await held(locks, 'm/1', SHARED)];
    const lock = await held(locks, 'm/2');
    const waiting = [locks.acquire('m/1'), locks.acquire('m/2', SHARED)];
    await pause();
    const { held: all, pending } = await locks.query();
    const shown = (infos: readonly Info[]) => infos.filter(({ name }) => name.startsWith('m/')).map(({ name, mode }) => [name, mode]);
    const clients = new Set([...all, ...pending].map(({ clientId }) => clientId));
    const fences = all.filter(({ name }) => name.startsWith('m/')).map(({ fence }) => fence);
    await Promise.all([shared, other, lock].map((each) => each.release()));
    for (const each of await Promise.all(waiting)) await each!.release();
    const after = await locks.query();
    return {
      held: shown(all),
      pending: shown(pending),
      clients: clients.size,
      fences: fences.join() === [shared, other, lock].map(({ fence }) => fence).join(),
      after: [...shown(after.held), ...shown(after.pending)],
    };
  },

  async names(locks) {
    const names = ['', '/', 'a/b', '%2F', '\u{1F600}', 'x'.repeat(512), ' '];
    const all = await Promise.all(names.map((name) => locks.acquire(name, NOW)));
    const wrong = await Promise.all(
      ['x'.repeat(513), '\u00e9'.repeat(257), '-reserved', undefined, null].map((name) => thrown(locks.acquire(name))),
    );
    return { free: all.map((lock) => lock !== null), wrong: wrong.map((error) => (error as Error).name) };
  },

  async 'what is no option'(locks) {
    const wrong: object[] = [
      { mode: 'both' },
      { steal: true, ifAvailable: true },
      { steal: true, mode: 'shared' },
      { signal: {} },
      { ttl: 999 },
      { ttl: 600_001 },
      { ttl: 'long' },
      { wait: -1 },
    ];
    const errors = await Promise.all(wrong.map((options) => thrown(locks.acquire('n', options))));
    return [...errors, await thrown(locks.request('n')), await thrown(locks.request('n', {}))].map((error) => (error as Error).name);
  },

  async 'many at once'(locks) {
    let [inside, most, done] = [0, 0, 0];
    const fences: number[] = [];
    await Promise.all(
      Array.from({ length: 40 }, () =>
        locks.request('o', async ({ fence }: Lock) => {
          most = Math.max(most, ++inside);
          fences.push(fence);
          await pause(1);
          inside--;
          done++;
        }),
      ),
    );
    return { most, done, grows: fences.every((fence, index) => index === 0 || fence > fences[index - 1]!) };
  },
} satisfies Record<string, Scene>;

export async function play(locks: unknown, name: string): Promise<Played> {
  try {
    return { value: await (scenes as Record<string, Scene>)[name]!(locks as Locks) };
  } catch (error) {
    const { name: kind, message, code } = error as Error & { code?: unknown };
    return { error: { name: kind, message, code } };
  }
}

export default {
  async fetch(request: Request, env: { readonly LOCKS: unknown }): Promise<Response> {
    return Response.json(await play(env.LOCKS, await request.text()));
  },
};
