import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildFunction } from '../../host/build/build.ts';
import { readConfig } from '../../host/build/config.ts';
import { componentOf, WIT } from '../component/wit/wit.ts';

describe('building a component', () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'brink-component-'));
  });
  afterAll(() => rm(dir, { recursive: true }));

  async function build(world: string): Promise<unknown> {
    await writeFile(join(dir, 'main.wasm'), await componentOf(join(WIT, '0.2'), world));
    await writeFile(join(dir, 'brink.toml'), 'name = "fn"\nmain = "main.wasm"\n');
    return buildFunction(await readConfig(join(dir, 'brink.toml')));
  }

  it('makes an artifact of one with a handler', async () => {
    expect(await build('scheduled-service')).toMatchObject({ artifact: { manifest: { name: 'fn' } } });
  });

  it('refuses one without, and names what it could export', async () => {
    await expect(build('imports')).rejects.toMatchObject({
      code: 'component-unsupported',
      message: expect.stringMatching(/exports no handler.*wasi:http\/handler@0\.3\.x.*brink:function\/scheduled@0\.2\.x/) as string,
    });
  });
});
