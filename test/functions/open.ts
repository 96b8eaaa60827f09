import { fileURLToPath } from 'node:url';
import { buildFunction } from '../../host/build/build.ts';
import { readConfig, type ConfigOptions } from '../../host/build/config.ts';
import { openNode } from '../conformance/harness-node.ts';
import type { TestHost } from '../conformance/harness.ts';

export interface OpenedExample extends TestHost {
  /** The example's own URL, with a slash at the end. */
  readonly at: string;
}

/** A host with an example of `functions/` as its user would publish it. */
export async function openExample(name: string, options: ConfigOptions = {}): Promise<OpenedExample> {
  const host = await openNode();
  await publishExample(host, name, options);
  return { ...host, at: `${host.url}/${name}/` };
}

/** Another example, for the same host. */
export async function publishExample(
  host: TestHost,
  name: string,
  { alias, ...options }: ConfigOptions & { readonly alias?: string } = {},
): Promise<void> {
  const { bytes } = await buildFunction(await readConfig(fileURLToPath(new URL(`../../functions/${name}`, import.meta.url)), options));
  await host.admin.publish(name, bytes, { ...(alias !== undefined && { alias }) });
}
