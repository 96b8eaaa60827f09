import { createClient, type Client, type Interceptor } from '@connectrpc/connect';
import { createConnectTransport, createGrpcWebTransport } from '@connectrpc/connect-web';
import { buildFunction } from '../../host/build/build.ts';
import { readConfig } from '../../host/build/config.ts';
import { decodeArtifact, encodeArtifact } from '../../host/registry/artifact.ts';
import { parseManifest } from '../../host/registry/parse-manifest.ts';
import { Greeter } from '../../functions/rpc/src/greet_pb.ts';
import { folderOf } from '../functions/open.ts';
import { freshName, type TestHost } from './harness.ts';

export interface GreeterOptions {
  /** Header lines of each call. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly binary?: boolean;
  readonly get?: boolean;
}

export interface PublishedGreeter {
  readonly name: string;
  readonly url: string;
  client(protocol: Protocol, options?: GreeterOptions): Client<typeof Greeter>;
}

export type Protocol = 'Connect' | 'gRPC-Web';

let built: Promise<Uint8Array<ArrayBuffer>> | undefined;

/** The example `rpc` with rules of a test before it. */
export async function publishGreeter(host: TestHost, gateway: readonly object[], manifest: object = {}): Promise<PublishedGreeter> {
  built ??= readConfig(folderOf('rpc')).then(async (config) => (await buildFunction(config)).bytes);
  const { mainModule, modules } = decodeArtifact(await built);
  const name = freshName();
  const parsed = parseManifest({
    name,
    compatibility_date: '2026-01-01',
    scaling: { max_cells: 1 },
    ...(gateway.length > 0 && { gateway }),
    ...manifest,
  });
  await host.admin.publish(name, encodeArtifact({ manifest: parsed, mainModule, modules }));
  const url = `${host.url}/${name}`;
  return {
    name,
    url,
    client: (protocol, options) => greeterAt(url, protocol, options),
  };
}

/** A client of whatever is there. */
// oxlint-disable-next-line max-params -- the options are seldom there
export function greeterAt(
  url: string,
  protocol: Protocol,
  { headers = {}, binary = false, get = false }: GreeterOptions = {},
): Client<typeof Greeter> {
  const lines: Interceptor = (next) => (request) => {
    for (const [header, value] of Object.entries(headers)) request.header.set(header, value);
    return next(request);
  };
  const options = { baseUrl: url.replace(/\/$/, ''), useBinaryFormat: binary, interceptors: [lines] };
  return createClient(
    Greeter,
    protocol === 'Connect' ? createConnectTransport({ ...options, useHttpGet: get }) : createGrpcWebTransport(options),
  );
}
