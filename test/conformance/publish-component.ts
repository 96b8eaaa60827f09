import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildFunction } from '../../host/build/build.ts';
import { readConfig } from '../../host/build/config.ts';
import { freshName, type TestHost } from './harness.ts';

/** Builds and publishes a component under a new name. */
export async function publishComponent(host: TestHost, wasm: Uint8Array, config = ''): Promise<{ name: string; url: string }> {
  const name = freshName();
  const dir = await mkdtemp(join(tmpdir(), 'brink-component-'));
  try {
    await writeFile(join(dir, 'guest.wasm'), wasm);
    await writeFile(join(dir, 'brink.toml'), `name = "${name}"\nmain = "guest.wasm"\n${config}`);
    const { bytes } = await buildFunction(await readConfig(dir));
    await host.admin.publish(name, bytes, {});
  } finally {
    await rm(dir, { recursive: true });
  }
  return { name, url: `${host.url}/${name}` };
}
