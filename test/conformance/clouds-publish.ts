import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildFunction } from '../../host/build/build.ts';
import { readConfig } from '../../host/build/config.ts';
import { freshName, type TestHost } from './harness.ts';

/** Publishes a folder of these files, built as its author would; gives its URL, without a slash at the end. */
export async function publishFiles(
  host: TestHost,
  files: Readonly<Record<string, string>>,
  config = '',
): Promise<{ name: string; url: string }> {
  const name = freshName();
  const root = await mkdtemp(join(tmpdir(), 'brink-clouds-'));
  try {
    const dir = join(root, name);
    const main = Object.keys(files)[0]!;
    const toml = `name = "${name}"\nmain = "${main}"\ncompatibility_date = "2026-01-01"\n${config}`;
    for (const [path, text] of Object.entries({ ...files, 'brink.toml': toml })) {
      await mkdir(dirname(join(dir, path)), { recursive: true });
      await writeFile(join(dir, path), text);
    }
    const { bytes } = await buildFunction(await readConfig(dir));
    await host.admin.publish(name, bytes, {});
    return { name, url: `${host.url}/${name}` };
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}
