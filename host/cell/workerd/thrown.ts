export interface Thrown {
  readonly message: string;
  readonly stack: string;
}

const MAX_MESSAGE = 4_096;
const MAX_STACK = 16_384;
const OWN_FRAME = /\n\s*at [^\n]*\bbrink-cell\b[^\n]*/g;

/** Anything can be thrown, also what throws when looked at. */
export function thrownOf(error: unknown): Thrown {
  try {
    if (error instanceof Error) {
      const head = `${error.name}: ${error.message}`;
      const stack = typeof error.stack === 'string' ? error.stack : head;
      return { message: head.slice(0, MAX_MESSAGE), stack: withoutOwnFrames(stack).slice(0, MAX_STACK) };
    }
    const message = `Uncaught ${typeof error === 'string' ? error : (JSON.stringify(error) ?? String(error))}`.slice(0, MAX_MESSAGE);
    return { message, stack: message };
  } catch {
    return { message: 'Something was thrown that cannot be read.', stack: '' };
  }
}

/** A stack without the frames of the cell's own module, in which the author looks for nothing. */
export function withoutOwnFrames(stack: string): string {
  return stack.replace(OWN_FRAME, '');
}
