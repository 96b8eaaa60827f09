import { exports, WorkerEntrypoint } from 'cloudflare:workers';
import { failedResponse, ownHeaders, sentBody, type DoorRequest, type StubKind, type StubOrder } from './shard-wire.ts';

/** What shards ask of the host. */
export interface ShardDoorStub {
  fetch(url: string, init: RequestInit): Promise<Response>;
  /** A request with a long body. */
  send(stub: StubOrder, request: Request): Promise<Response>;
  ask(stub: StubOrder, method: string, args: readonly unknown[]): Promise<unknown>;
}

export interface Door {
  /** The name of the header that says what a request is. */
  readonly header: string;
  code(id: string): Promise<Uint8Array<ArrayBuffer>> | null;
}

/** What a function's stubs are for. */
const METHODS: Readonly<Record<StubKind, readonly string[]>> = {
  LogSink: ['write'],
  FunctionCache: ['match', 'keep', 'remove'],
  FunctionBinding: ['callBinding', 'fetch'],
  FunctionService: ['brinkCall', 'fetch'],
  // Shards have a way out of their own.
  Egress: [],
};

const NONE = 'This host has no shards.';

type Loopback = Readonly<Record<string, (...args: readonly unknown[]) => Promise<unknown>>> & {
  fetch(url: string, init: RequestInit): Promise<Response>;
};

/**
 * Where shards come in for what is the host's. It is a file that only this user's processes reach.
 *
 * @param doorOf null where there are no shards
 */
export function createShardDoor(doorOf: (env: unknown) => Door | null) {
  return class ShardDoor extends WorkerEntrypoint {
    async ask(stub: StubOrder, method: string, args: readonly unknown[]): Promise<unknown> {
      if (doorOf(this.env) === null) throw new Error(NONE);
      return loopbackOf(stub, method)[method]!(...args);
    }

    async send(stub: StubOrder, request: Request): Promise<Response> {
      if (doorOf(this.env) === null) throw new Error(NONE);
      const { url, method, headers } = request;
      return loopbackOf(stub, 'fetch').fetch(url, { method, headers, body: sentBody(request), redirect: 'manual' });
    }

    override async fetch(request: Request): Promise<Response> {
      const door = doorOf(this.env);
      const said = door && request.headers.get(door.header);
      if (!door || !said) return new Response(null, { status: 403 });
      const asked = JSON.parse(said) as DoorRequest;
      try {
        if (asked.code !== undefined) return new Response(await codeOf(door, asked.code));
        return await pass(request, asked, door.header);
      } catch (error) {
        return failedResponse(error, door.header);
      }
    }
  };
}

async function codeOf(door: Door, id: string): Promise<Uint8Array<ArrayBuffer>> {
  const code = door.code(id);
  if (code === null) throw new Error(`No cell has asked for ${id}.`);
  return code;
}

function pass({ method, headers: all, body }: Request, { stub, target, lines = [] }: DoorRequest, header: string): Promise<Response> {
  const headers = ownHeaders(all, { header, lines });
  return loopbackOf(stub!, 'fetch').fetch(target!, { method, headers, body, redirect: 'manual' });
}

function loopbackOf({ kind, props }: StubOrder, method: string): Loopback {
  if (kind === 'network' || !METHODS[kind]?.includes(method)) throw new Error('There is no such method.');
  return exports[kind]!({ props }) as Loopback;
}
