import { fileURLToPath } from 'node:url';
import { buildFunction } from '../../host/build/build.ts';
import { readConfig, type ConfigOptions } from '../../host/build/config.ts';
import type { HostOptions } from '../../host/platforms/running.ts';
import { openNode } from '../conformance/harness-node.ts';
import { openWorkerd } from '../conformance/harness-workerd.ts';
import type { OpenHost, TestHost } from '../conformance/harness.ts';

export interface OpenedExample extends TestHost {
  /** The example's own URL, with a slash at the end. */
  readonly at: string;
}

/** For `describe.each`: an example's tests run on both. */
export const ENGINES: readonly [name: string, open: (options?: Partial<HostOptions>) => Promise<TestHost>][] = [
  ['Node', openNode],
  ['workerd', openWorkerd],
];

/** A host with an example of `functions/` as its user would publish it. */
export async function openExample(name: string, options: ConfigOptions & { readonly on?: OpenHost } = {}): Promise<OpenedExample> {
  const { on = openNode, ...config } = options;
  const host = await on();
  await publishExample(host, name, config);
  return { ...host, at: `${host.url}/${name}/` };
}

/** Another example, for the same host, or another version of one. */
export async function publishExample(
  host: Pick<TestHost, 'admin'>,
  name: string,
  { alias, ...options }: ConfigOptions & { readonly alias?: string } = {},
): Promise<number> {
  const { bytes } = await buildFunction(await readConfig(folderOf(name), options));
  return (await host.admin.publish(name, bytes, { ...(alias !== undefined && { alias }) })).version;
}

/** Where an example lies. */
export function folderOf(name: string): string {
  return fileURLToPath(new URL(`../../functions/${name}`, import.meta.url));
}
