import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { brink, temporaryFolder } from './brink.ts';

const TSC = fileURLToPath(new URL('../../node_modules/.bin/tsc', import.meta.url));

const CONFIG = `
name = "fn"
main = "src/index.ts"
kv_namespaces = [{ binding = "VISITS" }]

[vars]
GREETING = "Hello"
LIMITS = { most = 3, "per-day" = [1, "many"], none = [] }

[secrets]
required = ["API_KEY", "GREETING"]

[env.staging.vars]
REGION = "eu"
`;

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => void (folder = temporaryFolder()));
afterEach(() => folder.remove());

const run = (...args: string[]) => brink(args, { cwd: folder.path });
const written = (file = 'fn/brink-env.d.ts') => readFileSync(join(folder.path, file), 'utf8');

/** What the compiler says of a function with this code. */
async function compiled(code: string): Promise<string> {
  writeFileSync(join(folder.path, 'fn/src/index.ts'), code);
  return promisify(execFile)(TSC, ['-p', 'fn'], { cwd: folder.path }).then(
    () => '',
    ({ stdout }: { stdout: string }) => stdout,
  );
}

describe('brink types', () => {
  beforeEach(async () => {
    await run('init', 'fn');
    writeFileSync(join(folder.path, 'fn/brink.toml'), CONFIG);
  });

  it('writes a file with which the compiler knows what the config names, and no more', async () => {
    expect((await run('types', 'fn')).stdout).toBe('Wrote fn/brink-env.d.ts\n');
    const good = `
      export default {
        async fetch(request, env, ctx) {
          const count: number = await env.VISITS.increment('count');
          const kinds: readonly (string | number)[] = env.LIMITS['per-day'];
          ctx.waitUntil(env.VISITS.put('last', new Date().toISOString(), { expirationTtl: 60 }));
          return Response.json([count, kinds, env.LIMITS.most.toFixed(1), env.API_KEY.length, env.GREETING.length, new WebSocketPair()[0]]);
        },
      } satisfies Brink.ExportedHandler<Env>;`;
    expect(await compiled(good)).toBe('');
    const bad = `export default { fetch: (_request, env) => new Response(env.OTHER + env.VISITS.nothing) } satisfies Brink.ExportedHandler<Env>;`;
    const errors = await compiled(bad);
    expect(errors).toContain("Property 'OTHER' does not exist on type 'Env'");
    expect(errors).toContain("Property 'nothing' does not exist on type 'KVNamespace<string>'");
  });

  it('says with --check whether the file is as the config has it', async () => {
    expect(await run('types', 'fn', '--check')).toMatchObject({ code: 1, stderr: expect.stringContaining('brink types fn') });
    await run('types', 'fn');
    expect(await run('types', 'fn', '--check')).toMatchObject({ code: 0, stdout: 'fn/brink-env.d.ts is up to date\n' });
    writeFileSync(join(folder.path, 'fn/brink.toml'), CONFIG.replace('VISITS', 'CALLS'));
    expect((await run('types', 'fn', '--check')).code).toBe(1);
    expect(written()).toContain('VISITS');
  });

  it('takes an environment, another file, and leaves the globals out', async () => {
    mkdirSync(join(folder.path, 'types'));
    const { stdout } = await run('types', 'fn', '-e', 'staging', '-o', 'types/env.d.ts', '--no-runtime', '--json');
    expect(JSON.parse(stdout)).toEqual({ function: 'fn-staging', file: 'types/env.d.ts', changed: true });
    expect(written('types/env.d.ts')).toContain('readonly REGION: string;');
    expect(written('types/env.d.ts')).not.toContain('WebSocketPair {');
    await run('types', 'fn');
    expect(written()).toContain('declare class WebSocketPair {');
  });
});
