import process from 'node:process';
import { QUOTA_SETTINGS, quotasOf, type QuotaSettings, type Quotas } from '../bindings/quotas.ts';
import { BrinkError } from '../errors.ts';

/**
 * The quotas of a host on this machine: as they are given, else as its environment says.
 *
 * @throws {BrinkError} `quota-invalid`
 */
export function quotasFor(given: QuotaSettings = {}): Quotas {
  try {
    return quotasOf(quotaSettings(given));
  } catch (cause) {
    throw new BrinkError('quota-invalid', (cause as Error).message, { cause });
  }
}

/** The same as text, for a host that runs elsewhere. */
export function quotaSettings(given: QuotaSettings = {}): QuotaSettings {
  return Object.fromEntries(QUOTA_SETTINGS.map((name) => [name, given[name] ?? process.env[name]]));
}
