import { writeSync } from 'node:fs';
import { openNode } from '../conformance/harness-node.ts';
import { becomes, publishPair, sendTraffic } from '../conformance/release-traffic.ts';

/** One line for each step that the release has gone, while requests come. */
export interface Line {
  readonly step: number;
}

const [state] = process.argv.slice(2) as [string];
const host = await openNode({ state });
const { name, version, url } = await publishPair(host, { name: 'crash' });
sendTraffic(url, 2);
const steps = [20, 40, 60, 80, 100];
const { id } = await host.admin.askRelease(name, { to: version, steps, every: 1_000, guard: 'error_rate<5% && requests>=1' });
for (let step = 1; ; step++) {
  await becomes(host, { name, id }, (release) => release.step >= step);
  writeSync(1, `${JSON.stringify({ step } satisfies Line)}\n`);
}
