import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readdirSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { buildFunction } from '../../host/build/build.ts';
import { readConfig } from '../../host/build/config.ts';
import type { TestHost } from '../conformance/harness.ts';
import { openNode } from '../conformance/harness-node.ts';
import { openWorkerd } from '../conformance/harness-workerd.ts';
import { leaveOut } from '../left-out.ts';
import { brink, temporaryFolder } from './brink.ts';

/** The programs that the build of each template needs, besides npm. */
const TOOLS: Readonly<Record<string, readonly string[]>> = {
  'component-js': [],
  'component-rust': ['cargo', 'wasm-tools'],
  'component-go': ['go', 'wit-bindgen'],
  'component-python': ['componentize-py'],
  'component-c': ['wit-bindgen'],
};

const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));
const wanted = process.env['BRINK_TEST_TOOLCHAINS'] === '1';

let folder: ReturnType<typeof temporaryFolder>;
let hosts: TestHost[] = [];
beforeAll(async () => {
  if (wanted) hosts = await Promise.all([openNode(), openWorkerd()]);
});
afterAll(async () => void (await Promise.all(hosts.map((host) => host.stop()))));
beforeEach(() => void (folder = temporaryFolder()));
afterEach(() => folder.remove());

it.for(Object.entries(TOOLS))(
  '%s: its one command makes what runs on both platforms',
  { timeout: 1_200_000 },
  async ([template, tools], test) => {
    if (!wanted) leaveOut(test, 'BRINK_TEST_TOOLCHAINS=1 is not set: the build takes up to minutes, and fetches packages');
    const missing = tools.filter((tool) => !isThere(tool));
    if (missing.length > 0) leaveOut(test, `${missing.join(' and ')} is not there`);
    if (template === 'component-rust' && !hasStd()) leaveOut(test, 'rustc has no std for wasm32-unknown-unknown');

    // With its packages beside it where the repository has the same; npm installs the rest.
    symlinkSync(join(REPOSITORY, 'node_modules'), join(folder.path, 'node_modules'), 'dir');
    const { stdout } = await brink(['init', 'my-fn', '--template', template, '--json'], { cwd: folder.path });
    const { build, directory } = JSON.parse(stdout) as { build: string; directory: string };
    await promisify(execFile)('sh', ['-c', build], { cwd: directory });

    const { bytes } = await buildFunction(await readConfig(directory, { vars: { GREETING: 'Servus' } }));
    for (const { admin, url, platform } of hosts) {
      await admin.publish('my-fn', bytes, {});
      const response = await fetch(`${url}/my-fn/a/path?a=1`);
      expect([platform, response.status, response.headers.get('content-type')]).toEqual([platform, 200, 'text/plain']);
      expect(await response.text()).toBe('Servus from my-fn at /a/path\n');
    }
  },
);

it('no component template is left out', () => {
  const templates = readdirSync(join(REPOSITORY, 'host/cli/templates')).filter((name) => name.startsWith('component-'));
  expect(Object.keys(TOOLS).toSorted()).toEqual(templates.toSorted());
});

function isThere(tool: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((directory) => existsSync(join(directory, tool)));
}

/** Where it is built with the component, as `cargo -Zbuild-std` does, it need not be installed. */
function hasStd(): boolean {
  if (process.env['CARGO_UNSTABLE_BUILD_STD'] !== undefined) return true;
  const directory = execFileSync('rustc', ['--print', 'target-libdir', '--target', 'wasm32-unknown-unknown'], { encoding: 'utf8' });
  return existsSync(directory.trim());
}
