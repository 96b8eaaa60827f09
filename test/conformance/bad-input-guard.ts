import { expect } from 'vitest';
import { canonicalJson } from '../../host/registry/artifact.ts';
import { ARTIFACT_MEDIA_TYPE } from '../../host/registry/media-type.ts';
import { publish, type TestHost } from './harness.ts';
import { send, type RawRequest, type RawResponse } from './raw-request.ts';
import { markAt, mirror } from './traffic-mirror.ts';

/** What a refusal must say: its status and code, and any member of the problem details. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly detail?: RegExp;
  /** Looks closer at the answer. */
  readonly look?: (response: RawResponse) => void;
  readonly [fact: string]: unknown;
}

/** A function that serves, and that no bad input may disturb. */
export interface Victim {
  readonly name: string;
  /** Publishes bytes as a version of it, as they are. */
  upload(body: Uint8Array, headers?: Record<string, string>): Promise<RawResponse>;
  /** Does what must be refused, and looks whether everything is as it was. */
  refuses(attempt: () => Promise<RawResponse>, expected: Refusal): Promise<void>;
}

export async function victimOn(host: TestHost): Promise<Victim> {
  const { name } = await publish(host, mirror('old'));
  return {
    name,
    upload: (body, headers) => upload(host, name, body, headers),
    async refuses(attempt, { detail, look, ...expected }) {
      const before = await inventory(host);
      const response = await attempt();
      expect({ ...response.json, status: response.status }).toMatchObject(expected);
      expect(response.headers['content-type']).toBe('application/problem+json');
      if (detail !== undefined) expect(response.json['detail']).toMatch(detail);
      look?.(response);
      expect(await inventory(host)).toEqual(before);
      expect(await markAt(host, `/${name}/`)).toBe('old');
    },
  };
}

export function upload(host: TestHost, name: string, body: Uint8Array, headers: Record<string, string> = {}): Promise<RawResponse> {
  const path = `/_brink/functions/${encodeURIComponent(name)}/versions`;
  return admin(host, { method: 'POST', path, body, headers: { 'content-type': ARTIFACT_MEDIA_TYPE, ...headers } });
}

export function admin(host: TestHost, { headers, ...request }: RawRequest): Promise<RawResponse> {
  return send(host, { ...request, headers: { authorization: `Bearer ${host.token}`, ...headers } });
}

/** An artifact's bytes with whatever header, canonical in all else. */
export function artifactBytes(header: unknown, ...contents: readonly (string | Uint8Array)[]): Uint8Array<ArrayBuffer> {
  return framed(canonicalJson(header), ...contents);
}

/** The same with the header's text as it is. */
export function framed(header: string, ...contents: readonly (string | Uint8Array)[]): Uint8Array<ArrayBuffer> {
  const text = Buffer.from(header);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.byteLength);
  return new Uint8Array(Buffer.concat([Buffer.from('BRINK\0\0\x01'), length, text, ...contents.map((content) => Buffer.from(content))]));
}

/** All that the registry lists: a refusal may change none of it. */
async function inventory(host: TestHost): Promise<unknown> {
  const functions = await host.admin.functions();
  return { routes: await host.admin.routes(), functions: await Promise.all(functions.map(({ name }) => host.admin.function(name))) };
}
