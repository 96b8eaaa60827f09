import { parseArgs } from 'node:util';
import { openNode } from '../conformance/harness-node.ts';
import { openWorkerd } from '../conformance/harness-workerd.ts';
import { publish } from '../conformance/harness.ts';
import { ACCEPTED } from './accepted.ts';
import { countsOf, published, totalOf, type Counts, type Outcome } from './results.ts';
import { openOrigin, ORIGIN_PROXY } from './origin.ts';
import { loadSuite } from './suite.ts';

/** Runs http-tests/cache-tests against a function with the rule `cache`, and compares with the results that it publishes. */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { engine: { type: 'string', default: 'node' }, test: { type: 'string' }, json: { type: 'boolean', default: false } },
});
const [root] = positionals;
if (root === undefined || !['node', 'workerd'].includes(values.engine)) {
  console.error('node test/cache-tests/run.ts CACHE-TESTS [--engine node|workerd] [--test ID] [--json]');
  process.exit(2);
}

const origin = await openOrigin(root);
const host = await (values.engine === 'node' ? openNode : openWorkerd)({ root: 'origin' });
const suite = await loadSuite(root);
try {
  await publish(host, ORIGIN_PROXY, {
    name: 'origin',
    // What only who runs a cache can say: that a response with Set-Cookie is for all, and a stale one better than none.
    manifest: { vars: { ORIGIN: origin.url }, gateway: [{ cache: { set_cookie: 'keep', stale_if_error: 60 } }] },
  });
  const results = await suite.run(host.url, values.test);
  if (values.json) console.log(JSON.stringify(results));
  else process.exitCode = report(results);
} finally {
  await host.stop();
  origin.stop();
}

function report(results: Record<string, unknown>): number {
  const outcomes = suite.outcomes(results);
  let worse = 0;
  for (const { id, kind, outcome, message } of outcomes) {
    if (kind !== 'check' && outcome !== 'pass' && outcome !== 'untested') {
      const why = ACCEPTED[id];
      if (why === undefined && kind === 'required') worse++;
      console.log(`${kind === 'required' ? 'FAIL' : 'less'} ${id}: ${outcome}${message}\n     ${why ?? 'not expected'}`);
    } else if (values.test !== undefined) console.log(`${id}: ${outcome}${message}`);
  }
  if (values.test !== undefined) return 0;
  const rows = published(root!, suite).map(({ name, outcomes: theirs }) => [name, countsOf(theirs)] as const);
  console.table(Object.fromEntries([[`Brink on ${values.engine}`, shown(outcomes)], ...rows.map(([name, counts]) => [name, counts])]));
  const ours = totalOf(countsOf(outcomes));
  const best = Math.max(0, ...rows.map(([, counts]) => totalOf(counts)));
  console.log(`required and optimal: ${ours} pass here, ${best} with the best of those that are published`);
  return worse === 0 && ours >= best ? 0 : 1;
}

function shown(outcomes: readonly Outcome[]): Counts {
  return countsOf(outcomes);
}
