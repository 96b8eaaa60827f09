import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAdminClient } from '../../../host/admin/client.ts';
import { buildFunction } from '../../../host/build/build.ts';
import { readConfig } from '../../../host/build/config.ts';
import type { RunningHost } from '../../../host/platforms/running.ts';

const CELLS = 4;
const CALLS = 1_000;

const SOURCE = `
import { cached } from 'brink/sdk';

export default {
  async fetch(request, { CACHE }) {
    const key = new URL(request.url).searchParams.get('key');
    const load = async () => {
      await CACHE.increment('loads/' + key);
      await new Promise((resolve) => setTimeout(resolve, 100));
      return 'value';
    };
    const value = key && (await cached(CACHE, key, { ttl: 60 }, load));
    return Response.json([value, await CACHE.get('loads/' + key)]);
  },
};
`;

/** How often the loader runs where a thousand callers miss a key at once, in the cells of several functions. */
export async function singleFlightLoads(host: RunningHost): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'brink-bench-'));
  try {
    const admin = createAdminClient({ url: host.url, token: host.token });
    writeFileSync(join(directory, 'index.js'), SOURCE);
    const names = Array.from({ length: CELLS }, (_, index) => `flight-${index}`);
    for (const name of names) {
      const namespaces = 'kv_namespaces = [{ binding = "CACHE", id = "flight" }]';
      writeFileSync(join(directory, 'brink.toml'), `name = "${name}"\nmain = "index.js"\n${namespaces}\n`);
      await admin.publish(name, (await buildFunction(await readConfig(directory))).bytes, { alias: 'live' });
    }
    const ask = async (index: number, query: string) =>
      (await (await fetch(`${host.url}/${names[index % CELLS]}/?${query}`)).json()) as [string, string];
    await Promise.all(names.map((_, index) => ask(index, 'key=')));
    const answers = await Promise.all(Array.from({ length: CALLS }, (_, index) => ask(index, 'key=hot')));
    if (answers.some(([value]) => value !== 'value')) throw new Error('not what was loaded');
    return Number((await ask(0, 'key=hot'))[1]);
  } finally {
    rmSync(directory, { recursive: true });
  }
}
