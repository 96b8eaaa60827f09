import { writeSync } from 'node:fs';
import { startNode } from '../../host/platforms/node/serve.ts';

/** A write that the host has acknowledged, or an event that a handler has got. */
export type Line = { readonly written: string } | { readonly told: string };

const [state, round] = process.argv.slice(2) as [string, string];

const host = await startNode({
  port: 0,
  state,
  onEvent(event) {
    if (event.type === 'console') for (const line of event.message.split('\n')) writeSync(1, `${line}\n`);
  },
});
for (let step = 0; ; step++) {
  const response = await fetch(`${host.url}/writer/`, { method: 'POST', body: `${round}-${step}` });
  if (!response.ok) throw new Error(await response.text());
  for (const written of (await response.json()) as string[]) writeSync(1, `${JSON.stringify({ written } satisfies Line)}\n`);
}
