import { writeSync } from 'node:fs';
import { startNode } from '../../host/platforms/node/serve.ts';

/** One line for each message that the host has taken, and each that a handler has begun or acked. */
export type Line = { readonly sent: number } | { readonly got: number; readonly attempts: number } | { readonly dropped: string };

const [state, round] = process.argv.slice(2) as [string, string];

const host = await startNode({
  port: 0,
  state,
  onEvent(event) {
    if (event.type === 'console') for (const line of event.message.split('\n')) writeSync(1, `${line}\n`);
    else if (event.type === 'queue') writeSync(1, `${JSON.stringify({ dropped: event.message } satisfies Line)}\n`);
  },
});
for (let step = 0; ; step++) {
  const first = Number(round) * 1_000_000 + step * 10;
  const numbers = Array.from({ length: 10 }, (_, index) => first + index);
  const response = await fetch(`${host.url}/worker/`, { method: 'POST', body: JSON.stringify(numbers) });
  if (!response.ok) throw new Error(await response.text());
  writeSync(1, numbers.map((sent) => `${JSON.stringify({ sent } satisfies Line)}\n`).join(''));
}
