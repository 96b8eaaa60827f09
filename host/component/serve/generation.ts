import { BrinkError } from '../../errors.ts';
import type { Plan } from '../plan.ts';

/** Which WASI a component's handler is written for. The two meet here, and nowhere else. */
export type Generation = { readonly version: '0.2'; readonly interface: string } | { readonly version: '0.3'; readonly interface: string };

const HANDLERS = [
  { version: '0.3', pattern: /^wasi:http\/handler@0\.3\./ },
  { version: '0.2', pattern: /^wasi:http\/incoming-handler@0\.2\./ },
] as const;

/** @throws {BrinkError} component-unsupported where it exports no handler */
export function generationOf({ exports }: Plan): Generation {
  for (const { version, pattern } of HANDLERS) {
    const found = Object.keys(exports).find((name) => pattern.test(name));
    if (found !== undefined && exports[found]!['handle'] !== undefined) return { version, interface: found };
  }
  const has = Object.keys(exports).map((name) => (name === '' ? Object.keys(exports['']!).join(', ') : name));
  throw new BrinkError(
    'component-unsupported',
    `The component exports no handler of HTTP requests: neither wasi:http/incoming-handler@0.2.x nor wasi:http/handler@0.3.x. It exports ${has.join(', ') || 'nothing'}.`,
    { details: { exports: has } },
  );
}
