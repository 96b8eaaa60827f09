import { readFile } from 'node:fs/promises';
import { transform } from 'esbuild';
import { publish, type TestHost } from '../conformance/harness.ts';
import { QUEUES, type OpenedFunction } from './queue-suite.ts';

/** The text of `queue-function.ts` without its types: a module of a function. */
export async function functionSource(): Promise<string> {
  const text = await readFile(new URL('queue-function.ts', import.meta.url), 'utf8');
  return (await transform(text, { loader: 'ts', format: 'esm', target: 'es2024' })).code;
}

/** The function of the suite on a host. */
export async function openOn(open: () => Promise<TestHost>): Promise<OpenedFunction> {
  const host = await open();
  const { url } = await publish(host, await functionSource(), { alias: 'live', manifest: { queues: QUEUES } });
  return { url, close: () => host.stop() };
}
