import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What became of one test of a file: `PASS`, or what was wrong. */
export type Outcomes = Readonly<Record<string, string>>;

/** Ms for all tests of a file; what has not ended by then has failed. */
const FILE_TIMEOUT = 8_000;

/**
 * A file of tests with all that it names, as one text: the harness of the copy, its scripts, and then itself. It leaves
 * a promise of the outcomes at `globalThis.outcomes`, which does not need what the tests are about.
 *
 * @param root the copy of web-platform-tests
 * @param file its path in there, such as `fetch/api/headers/headers-basic.any.js`
 */
export function bundle(root: string, file: string): string {
  const text = readFileSync(join(root, file), 'utf8');
  const scripts = [...text.matchAll(/^\/\/ META: script=(\S+)/gm)].map(([, path]) => path!);
  const parts = [
    SHELL,
    `const RESOURCES = ${JSON.stringify(resourcesOf(root, file))};`,
    FETCH,
    readFileSync(join(root, 'resources/testharness.js'), 'utf8'),
    COLLECT,
    ...scripts.map((path) => readFileSync(path.startsWith('/') ? join(root, path) : join(root, dirname(file), path), 'utf8')),
    text,
    'done();',
  ];
  return parts.join('\n;\n');
}

/** Files of data beside the tests, which they fetch; there is no server. */
function resourcesOf(root: string, file: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const folder of ['resources', '../resources']) {
    const at = join(root, dirname(file), folder);
    for (const name of globSync('*.{json,txt}', { cwd: at })) found[name] ??= readFileSync(join(at, name), 'utf8');
  }
  return found;
}

const SHELL = `
globalThis.self = globalThis;
globalThis.GLOBAL = { isWindow: () => false, isWorker: () => true, isShadowRealm: () => false };
if (globalThis.location === undefined) globalThis.location = new URL('http://web-platform.test/tests/file.any.worker.html');
// What relative URLs are resolved against: Node's fetch asks here.
globalThis[Symbol.for('undici.globalOrigin.1')] = new URL('http://web-platform.test/tests/');
const NativeResponse = globalThis.Response, toText = JSON.stringify, later = globalThis.setTimeout;`;

const FETCH = `
const outer = globalThis.fetch;
globalThis.fetch = function fetch(input, init) {
  const text = typeof input === 'string' ? RESOURCES[input.split('/').at(-1)] : undefined;
  return text === undefined || init?.signal?.aborted ? outer(input, init) : Promise.resolve(new NativeResponse(text));
};`;

const COLLECT = `
globalThis.outcomes = new Promise((resolve) => {
  const outcomes = {};
  const keep = ({ name, status, message }) => { outcomes[name] = status === 0 ? 'PASS' : String(message ?? 'failed').slice(0, 200) };
  let known = [];
  add_result_callback(keep);
  add_completion_callback((tests, { status, message }) => {
    tests.forEach(keep);
    if (status !== 0) outcomes['(the file)'] = String(message).slice(0, 200);
    resolve(toText(outcomes));
  });
  add_test_state_callback(({ name }) => { outcomes[name] ??= 'it did not end' });
  later(() => resolve(toText(outcomes)), ${FILE_TIMEOUT});
});
setup({ explicit_timeout: true });`;
