import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { removeFolder } from '../../remove-folder.ts';

/** As much of a harness as the runner asks for. */
const HARNESS = `(function (self) {
  const tests = [], seen = [], ended = [], running = [];
  self.setup = () => {};
  self.add_result_callback = () => {};
  self.add_test_state_callback = (callback) => seen.push(callback);
  self.add_completion_callback = (callback) => ended.push(callback);
  self.promise_test = (run, name) => {
    const one = { name, status: 0, message: null };
    tests.push(one);
    running.push(run().catch((error) => Object.assign(one, { status: 1, message: error.message })));
  };
  self.done = async () => { await Promise.all(running); for (const callback of ended) callback(tests, { status: 0, message: null }) };
})(self);`;

const FILE = `
const at = 'http://{{host}}:{{ports[http][1]}}/fetch/api/resources/';
const own = encodeURIComponent(location.origin);
const refused = async (call) => { try { await call } catch { return } throw new Error('was let through') };
promise_test(() => fetch(at + 'top.txt?pipe=header(Access-Control-Allow-Origin,*)'), 'any origin');
promise_test(() => refused(fetch(at + 'top.txt')), 'no rule');
promise_test(() => refused(fetch(at + 'preflight.py?token=1&origin=http://other.test')), 'another origin');
promise_test(() => fetch(at + 'preflight.py?token=2&allow_methods=PUT&origin=' + own, { method: 'PUT' }), 'a method');
promise_test(() => refused(fetch(at + 'preflight.py?token=3&allow_methods=PUT&origin=' + own, { method: 'DELETE' })), 'another method');
promise_test(() => refused(fetch(at + 'preflight.py?token=4&origin=' + own, { headers: { 'x-a': '1' } })), 'a header');
promise_test(async () => {
  const url = at + 'preflight.py?token=5&credentials&allow_headers=x-a&origin=' + own;
  const { headers } = await fetch(url, { headers: { 'x-a': '1' }, credentials: 'include' });
  if (headers.get('x-did-preflight') !== '1' || headers.get('x-control-request-headers') !== 'x-a') throw new Error('no preflight');
}, 'credentials');`;

let copy: string;
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'brink-wpt-cors-'));
});
afterAll(() => removeFolder(copy));

const run = (file: string, ...args: string[]) => {
  for (const [name, text] of Object.entries({ 'resources/testharness.js': HARNESS, 'fetch/api/cors/cors-basic.any.js': file })) {
    mkdirSync(dirname(join(copy, name)), { recursive: true });
    writeFileSync(join(copy, name), text);
  }
  const options = { encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } } as const;
  return spawnSync(process.execPath, [join(import.meta.dirname, 'run.ts'), ...args], options);
};

it.each([[[]], [['--engine', 'workerd']]])('what a browser would let through is counted (%j)', (args) => {
  const { status, stdout } = run(FILE, copy, ...args);
  expect(stdout.replaceAll(/ +/g, ' ')).toContain('│ cors-basic │ 7 │ 7 │ 0 │');
  expect(status).toBe(0);
});

it('what fails is printed, and is a failure', () => {
  const { status, stdout } = run(`promise_test(() => fetch('http://{{host}}:1/fetch/api/resources/top.txt'), 'never');`, copy);
  expect(stdout).toContain('cors-basic.any.js: never\n    Access-Control-Allow-Origin is null');
  expect(status).toBe(1);
});

it('says how it is called', () => {
  const { status, stderr } = run(FILE);
  expect([status, stderr]).toEqual([2, 'node test/wpt/cors/run.ts WEB-PLATFORM-TESTS [--engine workerd]\n']);
});
