import { BrinkError } from '../../errors.ts';

/** The bytes are not a component by the specification. `offset` counts from the start of the file. */
export function invalid(what: string, offset: number): BrinkError {
  return new BrinkError('component-invalid', `The component is not valid: ${what} (at byte ${offset}).`, { details: { offset } });
}

/** The component may be valid, but uses what Brink does not run. `construct` is named as the specification writes it. */
export function unsupported(construct: string, offset: number, wayOut = ''): BrinkError {
  const message = `The component uses ${construct} (at byte ${offset}), which Brink does not support.${wayOut && ` ${wayOut}`}`;
  return new BrinkError('component-unsupported', message, { details: { offset, construct } });
}
