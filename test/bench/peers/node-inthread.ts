import { jsonLine } from '../../../host/observe/json-line.ts';
import { createHost } from '../../../host/app.ts';
import type { Cell, Engine } from '../../../host/dispatch/cell.ts';
import { createMemoryLog } from '../../../host/observe/log.ts';
import { createFront } from '../../../host/platforms/node/front.ts';
import { LightResponse } from '../../../host/platforms/node/light-response.ts';
import type { NodeRaw } from '../../../host/platforms/node/call.ts';
import { encodeArtifact } from '../../../host/registry/artifact.ts';
import { createKeyring } from '../../../host/secrets/keyring.ts';
import { createMemoryBlobs, createMemoryStore } from '../../../host/stores/memory.ts';
import { createMailbox } from '../../../host/mail/mailbox.ts';
import { createMemoryQueue } from '../../../host/stores/queue-memory.ts';
import { functionOf, HELLO } from './functions.ts';
import type { AddressInfo } from 'node:net';

/** Everything but the cell: the handler runs in the main thread, so what is left is the host's own cost. */
const handler = { fetch: () => new LightResponse('hello') as unknown as Response };
const cell: Cell = {
  state: 'ready',
  inFlight: 0,
  open: 0,
  memory: null,
  watch() {},
  start: async () => {},
  fetch: async () => handler.fetch(),
  email: () => Promise.reject(new Error('not here')),
  scheduled: () => Promise.reject(new Error('not here')),
  rpc: () => {
    throw new Error('not here');
  },
  queue: () => Promise.reject(new Error('not here')),
  drain: async () => {},
  stop: async () => {},
};
const engine: Engine = { name: 'node', scales: false, cell: () => cell, probe: async () => ['fetch'], serve() {}, stop: async () => {} };
let lines = 0;
const host = createHost({
  engine,
  store: createMemoryStore(Date.now),
  blobs: createMemoryBlobs(),
  keyring: createKeyring(() => []),
  databases: { open: () => ({ query: () => Promise.reject(new Error('not here')) }) },
  log: createMemoryLog((event) => void (lines += jsonLine(event).length)),
  queues: { queue: createMemoryQueue(Date.now), wake: () => Promise.resolve() },
  mailbox: createMailbox({ store: createMemoryStore(Date.now), now: Date.now }),
  admin: { token: null, loopback: false },
  manage: null,
  now: Date.now,
  random: Math.random,
  waitUntil: () => {},
  connection(env) {
    const raw = env as NodeRaw;
    return { address: raw.incoming.socket.remoteAddress ?? null, rawHeaders: raw.incoming.rawHeaders, raw };
  },
  registryMaxAge: Infinity,
  responses: { memory: 2 ** 20, store: null, apart: false },
});
await host.registry.publish('hello', encodeArtifact(functionOf('hello', HELLO)), { probe: (artifact) => engine.probe(artifact) });
const { server } = createFront((request, env) => host.fetch(request, env));
server.listen(0, '127.0.0.1', () => process.send!({ port: (server.address() as AddressInfo).port }));
