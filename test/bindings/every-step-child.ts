import { StatementSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import { openNode } from '../conformance/harness-node.ts';

/** What it has been told is accepted; at the end, how many transactions there were. */
export type Line = { readonly accepted: Trigger; readonly location: string | null } | { readonly commits: number };

export type Trigger = (typeof TRIGGERS)[number];
export const TRIGGERS = ['queue', 'bucket', 'later', 'schedule'] as const;

/** Has each trigger call the function, and kills itself right after the transaction of that number, before anyone hears of it. */
if (process.argv[1] === import.meta.filename) {
  const [state, last] = process.argv.slice(2);
  const { url, stop } = await openNode({ state: state! });
  const commits = killAfter(Number(last));
  for (const trigger of TRIGGERS) {
    const headers = trigger === 'later' ? { prefer: 'respond-async' } : {};
    const response = await fetch(`${url}/steps/${trigger}`, { method: 'POST', headers });
    if (response.status >= 300) throw new Error(`${trigger}: ${response.status} ${await response.text()}`);
    tell({ accepted: trigger, location: response.headers.get('location') });
  }
  for (;;) {
    const done = (await (await fetch(`${url}/steps/done`)).json()) as Record<Trigger, number>;
    if (TRIGGERS.every((trigger) => done[trigger] > 0)) break;
    await wait(10);
  }
  await stop();
  tell({ commits: commits() });
  process.exit(0);
}

function killAfter(last: number): () => number {
  const { run } = StatementSync.prototype;
  let commits = 0;
  const counting = function (this: StatementSync, ...params: unknown[]): unknown {
    const result: unknown = Reflect.apply(run, this, params);
    if (this.sourceSQL === 'COMMIT' && ++commits === last) process.kill(process.pid, 'SIGKILL');
    return result;
  };
  StatementSync.prototype.run = counting as typeof run;
  return () => commits;
}

function tell(line: Line): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
