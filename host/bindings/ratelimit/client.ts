import type { Call } from '../binding.ts';

/** Of the manifest. */
export interface RateSettings {
  readonly limit: number;
  /** Seconds. */
  readonly period: number;
}

const OPTIONS = ['key', 'limit', 'period'];
const PERIODS = [10, 60];

/** `RateLimit` of `sdk/rate-limit.ts`, in the cell, with the errors of Workers. */
export class RateLimit {
  readonly #call: Call;
  readonly #settings: RateSettings;

  constructor(call: Call, settings: RateSettings) {
    this.#call = call;
    this.#settings = settings;
  }

  async limit(options: unknown): Promise<{ success: boolean }> {
    if (typeof options !== 'object' || options === null) throw new Error('invalid rate limit options');
    const unknown = Object.keys(options).filter((name) => !OPTIONS.includes(name));
    if (unknown.length > 0) throw new Error(`bad rate limit options: [${unknown.join(',')}]`);
    const { key = '', limit = this.#settings.limit, period = this.#settings.period } = options as Readonly<Record<string, unknown>>;
    if (typeof key !== 'string') throw new Error(`invalid key: ${String(key)}`);
    if (typeof limit !== 'number') throw new Error(`limit must be a number: ${String(limit)}`);
    if (typeof period !== 'number') throw new Error(`period must be a number: ${String(period)}`);
    if (!PERIODS.includes(period)) throw new Error(`unsupported period: ${period}`);
    const { value } = await this.#call('limit', [{ key, limit, period }]);
    return value as { success: boolean };
  }
}
