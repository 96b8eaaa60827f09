import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openNode } from '../../conformance/harness-node.ts';
import { publish, type TestHost } from '../../conformance/harness.ts';
import { leaveOut } from '../../left-out.ts';

const INSTALLED = spawnSync('slowhttptest', ['-h']).error === undefined;
const FUNCTION = `export default { async fetch(request) {
  if (request.method === 'POST') return new Response(request.body);
  return new Response(new Uint8Array(1024 * 1024));
} }`;

/** Debian's slowhttptest, with 300 connections, for some seconds each. */
describe('slowhttptest', () => {
  let host: TestHost;
  let url: string;
  beforeAll(async () => {
    host = await openNode({ front: { headersTimeout: 1_000, idleTimeout: 1_000 } });
    ({ url } = await publish(host, FUNCTION));
    await (await fetch(url)).arrayBuffer();
  });
  afterAll(() => host.stop());

  it.for<readonly [string, readonly string[]]>([
    ['heads that never end', ['-H', '-i', '1']],
    ['bodies that stop coming', ['-B', '-i', '3', '-s', '8192']],
    ['answers that are hardly read', ['-X', '-w', '10', '-y', '20', '-n', '1', '-z', '32']],
  ])('%s: others are answered meanwhile', async ([_what, mode], context) => {
    if (!INSTALLED) leaveOut(context, 'slowhttptest is not installed');
    const attack = spawn('slowhttptest', [...mode, '-c', '300', '-r', '300', '-l', '4', '-p', '3', '-u', url]);
    let output = '';
    attack.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const ended = once(attack, 'exit');
    let running = true;
    void ended.then(() => (running = false));
    const times: number[] = [];
    while (running) {
      const begun = performance.now();
      expect((await (await fetch(url)).arrayBuffer()).byteLength).toBe(1024 * 1024);
      times.push(performance.now() - begun);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    // oxlint-disable-next-line no-control-regex -- it colours what it prints
    const plain = output.replaceAll(/\x1b\[[\d;]*[A-Za-z]/g, '');
    expect(plain).toMatch(/service available:\s*\S*YES/);
    expect(Math.max(...times)).toBeLessThan(10_000);
  });
});
