import { rangeOf } from '../../address.ts';
import { BrinkError } from '../../errors.ts';
import type { NetworkOptions } from '../running.ts';

/** What functions reach, as the runtime's filter has it. @throws {BrinkError} `unsupported` for a name: it knows addresses */
export function allowed(network: NetworkOptions): readonly string[] {
  return ['public', ...rangesIn(network)];
}

function rangesIn({ open }: NetworkOptions): readonly string[] {
  const name = open.find((each) => rangeOf(each) === null);
  if (name === undefined) return open.map((each) => (each.includes('/') ? each : `${each}/${each.includes(':') ? 128 : 32}`));
  throw new BrinkError(
    'unsupported',
    `On workerd addresses can be opened to functions, and names cannot: give the addresses of ${name} instead.`,
    {
      details: { name },
    },
  );
}
