/**
 * A function that does to `env.SCHEDULES` what it is told, and keeps what its `scheduled` handler was called with: one suite
 * runs in a test and in a cell. It imports nothing, so that its text alone is a module.
 */
export interface Order {
  readonly method: string;
  readonly args: readonly unknown[];
}

export type Outcome =
  { readonly value: unknown } | { readonly error: { readonly name: string; readonly message: string; readonly code?: unknown } };

export interface Fired {
  readonly id: string | null;
  readonly cron: string;
  readonly scheduledTime: number;
  readonly attempt: number;
  readonly payload?: unknown;
  /** When the handler was called. */
  readonly at: number;
}

const fired: Fired[] = [];

export default {
  async fetch(request: Request, env: { readonly SCHEDULES: object }): Promise<Response> {
    if (request.method === 'GET') return Response.json(fired);
    return Response.json(await perform(env.SCHEDULES, (await request.json()) as Order));
  },

  scheduled(controller: Fired): void {
    const { id, cron, scheduledTime, attempt, payload } = controller;
    fired.push({ id, cron, scheduledTime, attempt, payload, at: Date.now() });
    if (payload === 'throw') throw new Error('the handler throws');
  },
};

/** Dates and what JSON has not are told by a tag. */
export async function perform(schedules: object, { method, args }: Order): Promise<Outcome> {
  try {
    const call = (schedules as Record<string, (...args: unknown[]) => Promise<unknown>>)[method]!;
    return { value: await call.call(schedules, ...args.map(untagged)) };
  } catch (error) {
    const { name, message, code } = error as Error & { code?: unknown };
    return { error: { name, message, code } };
  }
}

function untagged(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value as Record<string, unknown>).map(([key, each]) => [key, ofTag(each)]));
}

function ofTag(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || !('tag' in value)) return value;
  const { tag, time, size } = value as { tag: string; time?: number; size?: number };
  switch (tag) {
    case 'date':
      return new Date(time!);
    case 'large':
      return 'x'.repeat(size!);
    case 'nan':
      return NaN;
    default:
      return () => 'a function';
  }
}
