import type { Call } from '../binding.ts';
import type { ScheduleView } from './view.ts';

interface Page {
  readonly schedules: readonly ScheduleView[];
  readonly after?: string;
}

/** `Schedules` of `sdk/schedules.ts`, in the cell. */
export class Schedules {
  readonly #call: Call;

  constructor(call: Call) {
    this.#call = call;
  }

  async create(options: unknown): Promise<{ id: string }> {
    const { value } = await this.#call('create', [plainOf(options)]);
    return { id: value as string };
  }

  async get(id: unknown): Promise<ScheduleView | null> {
    return (await this.#call('get', [id])).value as ScheduleView | null;
  }

  async cancel(id: unknown): Promise<boolean> {
    return (await this.#call('cancel', [id])).value as boolean;
  }

  async list(): Promise<ScheduleView[]> {
    const all: ScheduleView[] = [];
    let after: string | undefined;
    do {
      const page: Page = (await this.#call('list', [after ?? null])).value as Page;
      all.push(...page.schedules);
      after = page.after;
    } while (after !== undefined);
    return all;
  }
}

/** A `Date` is its time; what JSON leaves out, a function would miss, so a payload that is none is refused here. */
function plainOf(options: unknown): unknown {
  if (options === null || typeof options !== 'object') return options;
  const { at, payload, ...rest } = options as Record<string, unknown>;
  if (payload !== undefined && JSON.stringify(payload) === undefined) throw new TypeError('The payload is nothing that JSON has.');
  return {
    ...rest,
    ...(at !== undefined && { at: at instanceof Date ? at.getTime() : at }),
    ...(payload !== undefined && { payload }),
  };
}
