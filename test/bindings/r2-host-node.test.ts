import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openNode } from '../conformance/harness-node.ts';
import { publish } from '../conformance/harness.ts';
import { r2HostSuite } from './r2-host-suite.ts';
import { removeFolder } from '../remove-folder.ts';

const MB = 1_000_000;

r2HostSuite(openNode);

it('an object of 500 MB goes in and out of a cell in far less memory', { timeout: 90_000 }, async () => {
  const state = mkdtempSync(join(tmpdir(), 'brink-r2-memory-'));
  const host = await openNode({ state });
  try {
    const source = `export default { async fetch(_request, { FILES }) {
      let left = 500;
      await FILES.put('large', new ReadableStream({
        pull: (controller) => (left-- > 0 ? controller.enqueue(new Uint8Array(${MB})) : controller.close()),
      }));
      let size = 0;
      for await (const piece of (await FILES.get('large')).body) size += piece.byteLength;
      return new Response(String(size));
    } }`;
    const { url } = await publish(host, source, { alias: 'live', manifest: { r2_buckets: [{ binding: 'FILES' }] } });
    const before = process.memoryUsage.rss();
    let most = before;
    const timer = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 10);
    expect(await (await fetch(url)).text()).toBe(String(500 * MB));
    clearInterval(timer);
    // What waits for the garbage collectors of two threads; all of it would be 500, or 1,000.
    expect((most - before) / MB).toBeLessThan(300);
  } finally {
    await host.stop();
    removeFolder(state);
  }
});
