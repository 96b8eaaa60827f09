import type { ThrownError } from '../frames.ts';

/** Anything can be thrown, also what throws when looked at. */
export function thrown(error: unknown): ThrownError {
  try {
    if (error instanceof Error) {
      const head = `${error.name}: ${error.message}`;
      return { message: head, stack: typeof error.stack === 'string' ? withoutHost(error.stack) : head };
    }
    const message = `Uncaught ${typeof error === 'string' ? error : (JSON.stringify(error) ?? String(error))}`;
    return { message, stack: message };
  } catch {
    return { message: 'Something was thrown that cannot be read.', stack: '' };
  }
}

/** Only the author's own frames help the author. */
function withoutHost(stack: string): string {
  const lines = stack.split('\n');
  return lines.filter((line) => !/^ +at .*(?:\[worker eval\]|node:internal)/.test(line)).join('\n');
}
