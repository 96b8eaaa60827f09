/** What a policy has said of something that is to be published. */
export interface Verdict {
  readonly allow: boolean;
  /** Why not, or what else it says. */
  readonly reasons: readonly string[];
}

const MAX_REASONS = 100;
const MAX_REASON = 1_000;

/**
 * Reads what a policy's cell has answered: true or false; an object with allow, and reason or reasons; or a set of reasons
 * against it, of which there has to be none. What is undefined is a no.
 *
 * @throws {Error} why it is no decision
 */
export function readVerdict(answer: unknown): Verdict {
  if (!isTable(answer)) throw new Error('its answer is none');
  if (typeof answer['failure'] === 'string') throw new Error(answer['failure']);
  const { results } = answer;
  if (!Array.isArray(results) || results.length > 1) throw new Error('it gives no set of one result');
  if (results.length === 0) return { allow: false, reasons: [] };
  const result = (results[0] as { readonly result?: unknown } | null)?.result;
  if (typeof result === 'boolean') return { allow: result, reasons: [] };
  if (Array.isArray(result)) return { allow: result.length === 0, reasons: reasonsOf(result) };
  if (!isTable(result)) throw new Error('it decides neither true, false, an object with allow nor a set of reasons');
  const { allow, reason, reasons = reason === undefined ? [] : [reason], ...other } = result;
  const [unknown] = Object.keys(other);
  if (unknown !== undefined) throw new Error(`its decision has ${JSON.stringify(unknown.slice(0, 100))}, which nobody knows`);
  if (typeof allow !== 'boolean') throw new Error('allow of its decision is neither true nor false');
  if (!Array.isArray(reasons)) throw new Error('reasons of its decision is no list');
  return { allow, reasons: reasonsOf(reasons) };
}

function reasonsOf(reasons: readonly unknown[]): string[] {
  return reasons.slice(0, MAX_REASONS).map((reason) => {
    if (typeof reason !== 'string') throw new Error('a reason of its decision is no string');
    return reason.slice(0, MAX_REASON);
  });
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
