import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeArtifact } from '../../host/registry/artifact.ts';
import { createProgram } from '../../host/cli/program.ts';
import { brink, temporaryFolder } from './brink.ts';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => void (folder = temporaryFolder()));
afterEach(() => folder.remove());
const run = (...args: string[]) => brink(args, { cwd: folder.path });

describe('the command line', () => {
  it('shows each command with --help', () => {
    const leaves = (command: Command): readonly Command[] => (command.commands.length > 0 ? command.commands.flatMap(leaves) : [command]);
    const commands = leaves(createProgram());
    for (const command of commands) {
      expect(command.description(), command.name()).not.toBe('');
      expect(command.helpInformation(), command.name()).toContain('Usage:');
      if (command.name() !== 'help')
        expect(
          command.options.map(({ long }) => long),
          command.name(),
        ).toContain('--json');
    }
  });

  it('--help ends with 0', async () => {
    const { code, stdout } = await run('publish', '--help');
    expect(code).toBe(0);
    expect(stdout).toContain('--alias');
  });

  it.each([
    [['nothing']],
    [['publish']],
    [['ls', '--nothing']],
    [['alias', 'fn', 'live']],
    [['ls', '--host', 'nonsense']],
    [['serve', '--port', '70000']],
    [['serve', '--port', '0', '--allow-private', 'http://db.internal']],
    [['serve', '--cpu-class', 'batch']],
    [['serve', '--cpu-class', 'batch=0.5', '--engine', 'workerd']],
    [['serve', '--max-connections', '0']],
    [['serve', '--max-connections', '10', '--engine', 'workerd']],
    [['rm', 'fn']],
    [['invoke', 'fn', '--path', 'x']],
    [['run', '.', '--env', 'x']],
    [['logs', '-n', '-1']],
  ])('%j is not understood, and ends with 2', async (args) => {
    const [plain, json] = await Promise.all([run(...args), run(...args, '--json')]);
    expect([plain.code, plain.stdout]).toEqual([2, '']);
    expect(plain.stderr).not.toBe('');
    expect([json.code, JSON.parse(json.stderr)]).toEqual([2, { error: { code: 'usage', message: expect.any(String) } }]);
  });

  it('says what to do where no host answers', async () => {
    const { code, stderr } = await run('ls', '--host', 'http://127.0.0.1:1');
    expect(code).toBe(1);
    expect(stderr).toMatch(/http:\/\/127\.0\.0\.1:1 .*`npm start` or `brink serve`/);
  });
});

describe('deploy', () => {
  it('--dry-run writes the bundle that would be uploaded, and says what an account needs', async () => {
    const { code, stdout } = await run('deploy', '--dry-run', '--json');
    const result = JSON.parse(stdout) as { deployed: boolean; directory: string; needs: string[] };
    expect([code, result]).toMatchObject([0, { deployed: false, directory: join('dist', 'edge') }]);
    expect(result.needs.join()).toMatch(/Worker Loader.*SQLite.*BRINK_TOKEN/);
    expect(readFileSync(join(folder.path, 'dist/edge/worker.js'), 'utf8')).toContain('sourceMappingURL');
  });
});

describe('init', () => {
  it.each(['fetch', 'hono', 'scheduled', 'lambda', 'gcf', 'azure'])('makes a %s function that builds', async (template) => {
    symlinkSync(fileURLToPath(new URL('../../node_modules', import.meta.url)), join(folder.path, 'node_modules'), 'dir');
    const { code, stdout } = await run('init', 'my-fn', '--template', template, '--json');
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { function: 'my-fn', template, installed: true, build: null }]);
    expect(readFileSync(join(folder.path, 'my-fn/brink.toml'), 'utf8')).toContain('name = "my-fn"');
    expect(existsSync(join(folder.path, 'my-fn/.gitignore'))).toBe(true);
    expect(await run('build', 'my-fn')).toMatchObject({ code: 0 });
  });

  // What a toolchain would make takes minutes; these were made from the like. templates.test.ts runs the builds.
  it.each([
    ['component-js', 'npm run build', 'p2-hello'],
    ['component-rust', 'sh build.sh', 'p3-hello'],
    ['component-go', 'sh build.sh', 'p2-hello'],
    ['component-python', 'sh build.sh', 'p3-hello'],
    ['component-c', 'sh build.sh', 'p2-hello'],
  ])('makes a %s project that says how it is built, and is a function when it has been', async (template, command, made) => {
    const { code, stdout } = await run('init', 'my-fn', '--template', template, '--no-install');
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`Build it:  cd my-fn && ${command} .*README\\.md.*\nRun it:  brink dev my-fn`));
    expect(readFileSync(join(folder.path, 'my-fn/README.md'), 'utf8')).toContain(`    ${command}\n`);
    expect(existsSync(join(folder.path, 'my-fn/.gitignore'))).toBe(true);
    for (const file of readdirSync(join(folder.path, 'my-fn'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()))
      expect(readFileSync(join(file.parentPath, file.name), 'utf8'), file.name).not.toContain('template-name');
    for (const task of ['build', 'dev']) {
      const missing = await run(task, 'my-fn');
      expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining(`run it first: ${command}`)]);
    }
    const guest = fileURLToPath(new URL(`../component/guests/${made}.wasm`, import.meta.url));
    writeFileSync(join(folder.path, 'my-fn/component.wasm'), readFileSync(guest));
    expect(await run('build', 'my-fn')).toMatchObject({ code: 0 });
  });

  it.each(['hono', 'component-js'])('says that %s has packages to be installed', async (template) => {
    const { code, stdout } = await run('init', 'my-fn', '--template', template, '--no-install');
    expect([code, stdout]).toEqual([0, expect.stringContaining('cd my-fn && npm install')]);
  });

  it('overwrites nothing', async () => {
    mkdirSync(join(folder.path, 'my-fn'));
    writeFileSync(join(folder.path, 'my-fn/mine'), 'kept');
    const { code, stderr } = await run('init', 'my-fn');
    expect([code, stderr]).toEqual([1, expect.stringContaining('overwrites nothing')]);
    expect(existsSync(join(folder.path, 'my-fn/brink.toml'))).toBe(false);
  });

  it('takes DNS labels as names only', async () => {
    const { stderr } = await run('init', 'My_Fn', '--json');
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'name-invalid' } });
    expect(existsSync(join(folder.path, 'My_Fn'))).toBe(false);
  });
});

describe('build', () => {
  it('writes an artifact and says its digest', async () => {
    await run('init', 'hello');
    const { stdout } = await run('build', 'hello', '--json');
    const built = JSON.parse(stdout) as { function: string; digest: string; bytes: number; file: string };
    const bytes = new Uint8Array(readFileSync(join(folder.path, built.file)));
    expect(built).toEqual({
      function: 'hello',
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      bytes: bytes.byteLength,
      file: join('dist', 'hello.brink'),
    });
    expect(decodeArtifact(bytes).manifest.name).toBe('hello');
    await run('build', 'hello', '-o', 'other/here.brink');
    expect(new Uint8Array(readFileSync(join(folder.path, 'other/here.brink')))).toEqual(bytes);
  });

  it('shows the place of an error, once', async () => {
    await run('init', 'hello');
    writeFileSync(join(folder.path, 'hello/src/index.ts'), 'export default {\n  fetch: ;\n};\n');
    const { code, stderr } = await run('build', 'hello');
    expect(code).toBe(1);
    expect(stderr).toContain('src/index.ts:2:');
    expect(stderr.match(/> 2 \|/g)).toHaveLength(1);
    expect(stderr).not.toContain('esbuild');
  });
});

const olderNode = (process.env['PATH'] ?? '')
  .split(delimiter)
  .map((directory) => join(directory, 'node'))
  .find((path) => existsSync(path) && Number(/^v(\d+)/.exec(execFileSync(path, ['--version'], { encoding: 'utf8' }))?.[1]) < 26);

it.runIf(olderNode)('an older Node runs the CLI on the Node of the package', async () => {
  const options = { cwd: folder.path, node: olderNode! };
  expect((await brink(['--version'], options)).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect((await brink(['nothing'], options)).code).toBe(2);
});
