import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { removeFolder } from '../remove-folder.ts';

/** As much of a harness as the runner asks for. */
const HARNESS = `(function (self) {
  const tests = [], seen = [], ended = [];
  self.setup = () => {};
  self.add_result_callback = () => {};
  self.add_test_state_callback = (callback) => seen.push(callback);
  self.add_completion_callback = (callback) => ended.push(callback);
  self.test = (run, name) => {
    const one = { name, status: 0, message: null };
    try { run() } catch (error) { Object.assign(one, { status: 1, message: error.message }) }
    tests.push(one);
    for (const callback of seen) callback(one);
  };
  self.done = () => { for (const callback of ended) callback(tests, { status: 0, message: null }) };
})(self);`;

let copy: string;
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'brink-wpt-'));
  const files = {
    'resources/testharness.js': HARNESS,
    'fetch/api/headers/helper.js': `const helped = 'yes';`,
    'fetch/api/headers/one.any.js': `// META: script=helper.js
      test(() => { if (helped !== 'yes') throw new Error('no helper') }, 'passes in both');
      test(() => { throw new Error('never') }, 'fails in both');`,
    'url/two.any.js': `test(() => {
        let thrown = false;
        try { new Request('http://host.example/', { method: 'POST', body: new ReadableStream() }) } catch { thrown = true }
        if (!thrown) throw new Error('no duplex');
      }, 'passes in Node alone');`,
    'fetch/api/request/request-cache-x.any.js': `test(() => { throw new Error('asked a server') }, 'is left out');`,
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(copy, name)), { recursive: true });
    writeFileSync(join(copy, name), text);
  }
});
afterAll(() => removeFolder(copy));

const run = (...args: string[]) =>
  spawnSync(process.execPath, [join(import.meta.dirname, 'run.ts'), ...args], { encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } });

it('what passes in both, or in neither, is counted', () => {
  const { status, stdout } = run(copy, 'fetch/');
  expect(stdout.replaceAll(/ +/g, ' ')).toContain('fetch/api/headers │ 2 │ 1 │ 1 │ 0 │');
  expect(stdout).not.toContain('fetch/api/request');
  expect(status).toBe(0);
});

it('what passes in Node alone is printed, and is a failure', () => {
  const { status, stdout } = run(copy);
  expect(stdout).toContain('url/two.any.js: passes in Node alone\n    no duplex');
  expect(status).toBe(1);
});

it('says how it is called', () => {
  const { status, stderr } = run();
  expect([status, stderr]).toEqual([2, 'node test/wpt/run.ts WEB-PLATFORM-TESTS [PART-OF-A-NAME]\n']);
});
