import { writeSync } from 'node:fs';
import { startNode } from '../../host/platforms/node/serve.ts';

/** A write that the host has acknowledged, or a change that a handler has got: `[key, value]`. */
export type Line = { readonly written: readonly [string, number] } | { readonly told: readonly [string, number] };

const [state, round] = process.argv.slice(2) as [string, string];
const KEYS = 8;

/** What is told before something is written: the first line begins the time that it has to live. */
const early: string[] = [];
let written = false;

const host = await startNode({
  port: 0,
  state,
  onEvent(event) {
    if (event.type === 'console') (written ? write : early.push.bind(early))(event.message);
  },
});
for (let step = 0; ; step++) {
  const number = Number(round) * 1_000_000 + step * 100;
  const response = await fetch(`${host.url}/writer/?keys=${KEYS}&number=${number}`, { method: 'POST' });
  if (!response.ok) throw new Error(await response.text());
  const lines = ((await response.json()) as [string, number][]).map((written) => JSON.stringify({ written } satisfies Line));
  written = true;
  write([...lines, ...early.splice(0)].join('\n'));
}

/** At once, and whole: the pipe may be full for a moment. */
function write(lines: string): void {
  let rest = Buffer.from(`${lines}\n`);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(1, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}
