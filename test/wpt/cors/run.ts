import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { openNode } from '../../conformance/harness-node.ts';
import { openWorkerd } from '../../conformance/harness-workerd.ts';
import { bundle, type Outcomes } from '../bundle.ts';
import type { Exchange, Sent } from './browser.ts';
import { EXCLUDED, FILES } from './files.ts';
import { createServer } from './server.ts';

/** Runs the tests of CORS of web-platform-tests, where a server of ours stands for the suite's. */
const [root, engine = 'node'] = process.argv.slice(2).filter((each) => each !== '--engine');
if (root === undefined || !['node', 'workerd'].includes(engine)) {
  console.error('node test/wpt/cors/run.ts WEB-PLATFORM-TESTS [--engine workerd]');
  process.exit(2);
}

const ORIGIN = 'http://web-platform.test:8000';
/** What the suite's server writes into files named `.sub.`. */
const PORTS: Readonly<Record<string, string>> = {
  '{{host}}': 'web-platform.test',
  '{{ports[http][0]}}': '8000',
  '{{ports[http][1]}}': '8001',
  '{{ports[https][0]}}': '8443',
  '{{domains[www2]}}': 'www2.web-platform.test',
  '{{hosts[alt][]}}': 'not-web-platform.test',
};

const host = await (engine === 'node' ? openNode() : openWorkerd());
const exchange = createServer(host, root, ORIGIN);
const table: Record<string, { readonly tests: number; readonly pass: number; readonly excluded: number }> = {};
let worse = 0;
for (const name of FILES) {
  const file = [`fetch/api/cors/${name}.any.js`, `fetch/api/cors/${name}.sub.any.js`].find((each) => existsSync(join(root, each)));
  if (file === undefined) continue;
  const outcomes = Object.entries(await outcomesOf(root, file, exchange));
  const judged = outcomes.filter(([test]) => !EXCLUDED.some(([pattern]) => pattern.test(`${name}: ${test}`)));
  const failed = judged.filter(([, outcome]) => outcome !== 'PASS');
  for (const [test, outcome] of failed) console.log(`${file}: ${test}\n    ${outcome}`);
  worse += failed.length;
  table[name] = { tests: outcomes.length, pass: judged.length - failed.length, excluded: outcomes.length - judged.length };
}
await host.stop();
console.table(table);
process.exitCode = worse === 0 && Object.keys(table).length > 0 ? 0 : 1;

// oxlint-disable-next-line max-params -- a file of a copy, and who answers it
function outcomesOf(copy: string, file: string, server: Exchange): Promise<Outcomes> {
  // Data beside the tests is asked for, as in a browser.
  let source = bundle(copy, file).replace(/^const RESOURCES = .*$/m, 'const RESOURCES = {};');
  // An older harness asks for its global as scripts have it, and knows no place without a document that has a location.
  source = source.replace(/^\}\)\(this\);$/m, '})(globalThis);').replace("!('location' in global_scope)", 'true');
  for (const [written, meant] of Object.entries(PORTS)) source = source.replaceAll(written, meant);
  const base = `${ORIGIN}/${file.replace('.js', '.worker.html')}`;
  const worker = new Worker(new URL('page.ts', import.meta.url), { workerData: { source, base }, stdout: true, stderr: true });
  const { promise, resolve } = Promise.withResolvers<Outcomes>();
  worker.on('error', (error) => resolve({ '(the file)': String(error) }));
  worker.on('message', ({ id, sent, outcomes }: { readonly id: number; readonly sent?: Sent; readonly outcomes?: string }) => {
    if (sent === undefined) return resolve(JSON.parse(outcomes!) as Outcomes);
    server(sent).then(
      (got) => worker.postMessage({ id, got }),
      (error: unknown) => worker.postMessage({ id, got: { status: 599, headers: [], body: String(error) } }),
    );
    return undefined;
  });
  return promise.finally(() => worker.terminate());
}
