import { jsonLine } from '../../../host/observe/json-line.ts';
import { createAdminClient } from '../../../host/admin/client.ts';
import { startNode } from '../../../host/platforms/node/serve.ts';
import { encodeArtifact } from '../../../host/registry/artifact.ts';
import { artifactOf } from '../../conformance/harness.ts';
import { fullStack, MEASURED_RULES } from '../gateway-rules.ts';
import { HELLO } from './functions.ts';

/** Brink on Node with a function for each rule, one with many of them, and as many routes as it is told. */
const routes = Number(process.argv[2] ?? 0);
/** Of such an age that `Age` and `ttl` have as many digits for all of the measurement: the load compares lengths. */
const KEPT = `export default { fetch() { return new Response('hello', { headers: { 'cache-control': 'max-age=90000', age: '100' } }) } }`;
const MOST_OF_A_FUNCTION = 1_000;

let lines = 0;
const { url, token } = await startNode({ port: 0, state: null, onEvent: (event) => void (lines += jsonLine(event).length) });
const admin = createAdminClient({ url, token });
const publish = (name: string, source: string, manifest: Record<string, unknown> = {}) =>
  admin.publish(name, encodeArtifact(artifactOf(name, { 'index.js': source }, manifest)));
await publish('hello', HELLO);
for (let first = 0; first < routes; first += MOST_OF_A_FUNCTION) {
  const of = Array.from(
    { length: Math.min(MOST_OF_A_FUNCTION, routes - first) },
    (_, index) => `*/r${String(first + index).padStart(5, '0')}/*`,
  );
  await publish(`routed-${first}`, HELLO, { routes: of });
}
if (routes === 0) {
  for (const [name, { rule }] of Object.entries(MEASURED_RULES)) await publish(nameOf(name), HELLO, { gateway: [rule] });
  await publish('stack', HELLO, { gateway: fullStack() });
  await publish('kept', KEPT, { gateway: [{ cache: true }] });
}
process.send!({ port: Number(new URL(url).port), token });

function nameOf(rule: string): string {
  return `rule-${rule.replaceAll('_', '-')}`;
}
