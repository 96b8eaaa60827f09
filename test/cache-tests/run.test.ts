import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { removeFolder } from '../remove-folder.ts';

/** As much of a copy as the runner asks for: a server, a client that asks it twice for each test, and its verdicts. */
const FILES = {
  'test-engine/server/server.mjs': `import http from 'node:http';
    let count = 0;
    http.createServer((request, response) => {
      const control = request.url === '/fresh' ? 'max-age=60' : 'no-store';
      response.writeHead(200, { 'cache-control': control, 'x-count': ++count }).end();
    }).listen(Number(process.env.npm_config_port), () => console.log('Listening'));`,
  'test-engine/client/runner.mjs': `const results = {};
    export const getResults = () => results;
    export async function runTests(groups, browser, url) {
      for (const test of groups.flatMap((group) => group.tests)) {
        const counts = [];
        for (let turn = 0; turn < 2; turn++) counts.push((await fetch(url + '/' + test.path)).headers.get('x-count'));
        results[test.id] = counts[0] === counts[1] ? true : ['Assertion', 'not the same'];
      }
    }`,
  'test-engine/lib/results.mjs': `export const resultTypes = {
      pass: ['', '', 'P'], fail: ['', '', 'F'], optional_fail: ['', '', 'O'], untested: ['', '', '-'],
    };
    export function determineTestResult(groups, id, results) {
      if (results[id] === undefined) return resultTypes.untested;
      const { kind } = groups.flatMap((group) => group.tests).find((test) => test.id === id);
      return results[id] === true ? resultTypes.pass : kind === 'optimal' ? resultTypes.optional_fail : resultTypes.fail;
    }`,
  'tests/index.mjs': `export default [{ tests: [
      { id: 'kept', path: 'fresh' }, { id: 'better-kept', kind: 'optimal', path: 'stored-nowhere' },
    ] }];`,
  'results/other.json': JSON.stringify({ kept: true }),
};

let copy: string;
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'brink-cache-tests-'));
  write(FILES);
});
afterAll(() => removeFolder(copy));

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(copy, name)), { recursive: true });
    writeFileSync(join(copy, name), text);
  }
}

it('says what passes beside what others pass, and ends with 1 where that is less', async () => {
  const good = await run();
  expect(good.output).toContain('less better-kept: optional_fail (Assertion: not the same)');
  expect(good.output).toContain('1 pass here, 1 with the best of those that are published');
  expect(good.code).toBe(0);
  write({ 'results/other.json': JSON.stringify({ kept: true, 'better-kept': true }) });
  expect((await run()).code).toBe(1);
});

function run(): Promise<{ readonly code: number | null; readonly output: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'run.ts'), copy], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (text: Buffer) => (output += String(text)));
    child.once('close', (code) => resolve({ code, output }));
  });
}
