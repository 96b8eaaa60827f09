import { globSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { openNode } from '../conformance/harness-node.ts';
import { publish, type TestHost } from '../conformance/harness.ts';
import { bundle, type Outcomes } from './bundle.ts';
import { DIFFERS, FOLDERS, NEEDS_A_SERVER } from './files.ts';

/** Runs files of web-platform-tests in cells, and beside that with the classes of Node itself. */
const [root, filter = ''] = process.argv.slice(2);
if (root === undefined) {
  console.error('node test/wpt/run.ts WEB-PLATFORM-TESTS [PART-OF-A-NAME]');
  process.exit(2);
}

const host = await openNode();
const files = FOLDERS.flatMap((folder) => globSync(`${folder}/**/*.{any,worker}.js`, { cwd: root }))
  .filter((file) => file.includes(filter) && !NEEDS_A_SERVER.some((part) => file.includes(part)))
  .toSorted();
const sums = new Map<string, { run: number; cell: number; native: number; worse: number }>();
let worse = 0;
for (const file of files) {
  const source = bundle(root, file);
  const [cell, native] = await Promise.all([inCell(host, source), inNode(source)]);
  const folder = FOLDERS.find((each) => file.startsWith(each))!;
  const sum = sums.get(folder) ?? { run: 0, cell: 0, native: 0, worse: 0 };
  sums.set(folder, sum);
  for (const name of new Set([...Object.keys(cell), ...Object.keys(native)])) {
    const passes = cell[name] === 'PASS';
    sum.run++;
    if (passes) sum.cell++;
    if (native[name] === 'PASS') sum.native++;
    if (passes || native[name] !== 'PASS' || DIFFERS.has(`${file}: ${name}`)) continue;
    sum.worse++;
    worse++;
    console.log(`${file}: ${name}\n    ${cell[name] ?? 'is not there'}`);
  }
}
await host.stop();
console.table(
  Object.fromEntries(
    [...sums].map(([folder, sum]) => [
      folder,
      { tests: sum.run, 'in a cell': sum.cell, 'in Node': sum.native, 'in Node alone': sum.worse },
    ]),
  ),
);
process.exitCode = worse === 0 ? 0 : 1;

/** A function whose module is the file. */
async function inCell(at: TestHost, source: string): Promise<Outcomes> {
  try {
    const { url } = await publish(
      at,
      `${source}\nexport default { async fetch() { return new NativeResponse(await globalThis.outcomes) } };`,
    );
    return (await (await fetch(url)).json()) as Outcomes;
  } catch (error) {
    return { '(the file)': String(error) };
  }
}

async function inNode(source: string): Promise<Outcomes> {
  // As in a cell, a rejection that nobody handles ends nothing.
  const code = `process.on('unhandledRejection', () => {});\n${source}\nconst { parentPort } = await import('node:worker_threads'); parentPort.postMessage(await globalThis.outcomes);`;
  const worker = new Worker(new URL(`data:text/javascript;base64,${Buffer.from(code).toString('base64')}`), { stdout: true, stderr: true });
  const { promise, resolve } = Promise.withResolvers<string>();
  worker.on('message', resolve).on('error', (error) => resolve(JSON.stringify({ '(the file)': String(error) })));
  try {
    return JSON.parse(await promise) as Outcomes;
  } finally {
    await worker.terminate();
  }
}
