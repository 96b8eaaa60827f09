import { expect } from 'vitest';
import type { BrinkContext } from '../../sdk/context.ts';
import { eventually, publish, type TestHost } from './harness.ts';
import { send, type RawRequest } from './raw-request.ts';

/** What the mirror saw of its request. */
export interface Seen {
  /** Which version's source it was. */
  readonly mark: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly brink: BrinkContext;
}

/** A function that answers with what it saw. */
export function mirror(mark = 'one'): string {
  return `export default {
  fetch: (request, env, ctx) => Response.json({ mark: ${JSON.stringify(mark)}, url: request.url, headers: Object.fromEntries(request.headers), brink: ctx.brink }),
};`;
}

/** A function with a version for each mark; `live` is on the first. */
export async function publishMirrors(host: TestHost, ...marks: string[]): Promise<{ name: string; digests: string[] }> {
  const first = await publish(host, mirror(marks[0]));
  const digests = [first.digest];
  for (const mark of marks.slice(1)) digests.push((await publish(host, mirror(mark), { name: first.name })).digest);
  return { name: first.name, digests };
}

/** What a function saw. @throws where it did not answer */
export async function seenBy(host: TestHost, request: RawRequest): Promise<Seen> {
  const { status, text } = await send(host, request);
  if (status !== 200) throw new Error(`${request.path} answered ${status}: ${text}`);
  return JSON.parse(text) as Seen;
}

export async function markAt(host: TestHost, path: string, headers: Record<string, string> = {}): Promise<string> {
  return (await seenBy(host, { path, headers })).mark;
}

/** The status and code of what is refused. */
export async function refusal(host: TestHost, request: RawRequest): Promise<[number, unknown]> {
  const { status, json } = await send(host, request);
  return [status, json['code']];
}

export async function statusOf(host: TestHost, request: RawRequest): Promise<number> {
  return (await send(host, request)).status;
}

/** A change of the registry shows at once on Node; on workerd within the second for which a host trusts what it read. */
export async function becomes<Value>(host: TestHost, read: () => Promise<Value>, expected: Value): Promise<void> {
  if (host.platform === 'workerd') {
    await eventually(async () => {
      const value = await read().catch(() => undefined);
      return JSON.stringify(value) === JSON.stringify(expected) || undefined;
    }).catch(() => {});
  }
  expect(await read()).toEqual(expected);
}
