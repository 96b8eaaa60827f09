/** What the files of one folder may import besides their own folder. What a row allows and nobody uses fails too. */
export interface Layer {
  /** Folders, or single files, whose code may be called. These edges never lead round in a circle. */
  readonly imports?: readonly string[];
  /** Those of which only types may be taken: nothing of them is there at run time. */
  readonly types?: readonly string[];
  readonly packages?: readonly string[];
  /** Whether `node:*` may be imported. The core may not: it runs on workerd as well. */
  readonly node?: true;
  /** Whether the row holds for the folders below as well. */
  readonly deep?: true;
}

export const LAYERS: Readonly<Record<string, Layer>> = {
  // the core: Web standards only
  'host/errors.ts': {},
  'host/address.ts': {},
  'host/scopes.ts': {},
  'host/bytes.ts': {},
  'host/mail': { imports: ['host/stores'] },
  'host/timing': { packages: ['croner'] },
  'host/stores': { imports: ['host/bytes.ts'] },
  'host/stores/nats': {
    imports: ['host/bytes.ts', 'host/errors.ts', 'host/stores'],
    packages: ['@nats-io/jetstream', '@nats-io/nats-core'],
    deep: true,
  },
  'host/secrets': { imports: ['host/errors.ts'] },
  'host/openapi': { imports: ['host/errors.ts'], deep: true },
  'host/registry': {
    imports: [
      'host/address.ts',
      'host/errors.ts',
      'host/mail',
      'host/openapi',
      'host/scopes.ts',
      'host/secrets',
      'host/stores',
      'host/timing',
    ],
    types: ['host/dispatch'],
    packages: ['zod'],
    deep: true,
  },
  'host/bindings': {
    imports: ['host/bytes.ts', 'host/errors.ts', 'host/mail', 'host/scopes.ts', 'host/stores', 'host/timing'],
    types: ['host/dispatch', 'host/observe', 'host/registry', 'sdk'],
    deep: true,
  },
  'host/policy': { packages: ['@open-policy-agent/opa-wasm'] },
  'host/caches': { packages: ['http-cache-semantics'] },
  'host/observe': { types: ['host/registry'], packages: ['@jridgewell/trace-mapping'] },
  'host/metering': { imports: ['host/errors.ts'], types: ['host/observe', 'host/platform.ts', 'host/stores', 'sdk'] },
  'host/gateway': {
    imports: ['host/address.ts', 'host/bytes.ts', 'host/errors.ts', 'host/observe', 'host/openapi', 'host/registry'],
    types: ['host/dispatch', 'host/platform.ts', 'host/stores', 'sdk'],
    packages: ['jose', 'structured-headers'],
    deep: true,
  },
  'host/dispatch': {
    imports: [
      'host/bytes.ts',
      'host/cell',
      'host/errors.ts',
      'host/gateway',
      'host/mail',
      'host/metering',
      'host/observe',
      'host/openapi',
      'host/registry',
    ],
    types: ['host/dispatch/pool', 'host/platform.ts', 'host/stores', 'sdk'],
  },
  'host/dispatch/pool': { imports: ['host/cell', 'host/errors.ts'], types: ['host/dispatch', 'host/observe', 'host/registry'], deep: true },
  'host/invocations': {
    imports: ['host/bytes.ts', 'host/dispatch', 'host/errors.ts', 'host/gateway', 'host/observe'],
    types: ['host/platform.ts', 'host/registry', 'host/stores', 'sdk'],
  },
  'host/webhooks': {
    imports: ['host/bindings', 'host/bytes.ts', 'host/dispatch', 'host/errors.ts', 'host/gateway', 'host/observe', 'sdk'],
    types: ['host/platform.ts', 'host/registry', 'host/stores'],
  },
  'host/releases': {
    imports: ['host/errors.ts', 'host/registry', 'host/stores', 'host/timing'],
    types: ['host/bindings', 'host/observe', 'host/platform.ts'],
  },
  'host/shadows': {
    imports: [
      'host/bindings',
      'host/bytes.ts',
      'host/cell',
      'host/dispatch',
      'host/errors.ts',
      'host/gateway',
      'host/observe',
      'host/registry',
      'host/releases',
      'host/stores',
      'host/timing',
    ],
    types: ['host/dispatch/pool', 'host/metering', 'host/platform.ts'],
  },
  'host/triggers': { imports: ['host/errors.ts', 'host/registry'], types: ['host/bindings'] },
  'host/admin': {
    imports: [
      'host/bindings',
      'host/bytes.ts',
      'host/errors.ts',
      'host/gateway',
      'host/mail',
      'host/metering',
      'host/openapi',
      'host/registry',
      'host/scopes.ts',
      'host/timing',
    ],
    types: [
      'host/dispatch',
      'host/dispatch/pool',
      'host/observe',
      'host/platform.ts',
      'host/releases',
      'host/shadows',
      'host/stores',
      'host/triggers',
    ],
    packages: ['@hono/zod-openapi', 'hono'],
    deep: true,
  },
  'host/platform.ts': {
    types: [
      'host/admin',
      'host/bindings',
      'host/dispatch',
      'host/dispatch/pool',
      'host/gateway',
      'host/mail',
      'host/metering',
      'host/observe',
      'host/registry',
      'host/secrets',
      'host/stores',
      'host/timing',
      'sdk',
    ],
  },
  'host/app.ts': {
    imports: [
      'host/admin',
      'host/dispatch',
      'host/dispatch/pool',
      'host/errors.ts',
      'host/gateway',
      'host/invocations',
      'host/metering',
      'host/registry',
      'host/releases',
      'host/shadows',
      'host/triggers',
      'host/webhooks',
    ],
    types: ['host/platform.ts'],
    packages: ['hono'],
  },

  // components: what the build makes of one, and what runs it inside a cell
  'host/component': { imports: ['host/component/core', 'host/component/debug', 'host/component/describe', 'host/component/link'] },
  'host/component/binary': { imports: ['host/errors.ts'], types: ['host/component'] },
  'host/component/core': { imports: ['host/errors.ts'] },
  'host/component/debug': { imports: ['host/component/core'] },
  'host/component/link': { imports: ['host/component/binary'], types: ['host/component'] },
  'host/component/describe': { imports: ['host/component/binary', 'host/errors.ts'], types: ['host/component', 'host/component/link'] },
  'host/component/abi': { imports: ['host/component'] },
  'host/component/runtime': { imports: ['host/component', 'host/component/abi', 'host/component/core'] },
  'host/component/wasi': { imports: ['host/bytes.ts', 'host/component'], deep: true },
  'host/component/brink': { imports: ['host/component', 'host/component/wasi'], types: ['sdk'], deep: true },
  // the two of them in one table
  'host/component/wasi/hosts.ts': {
    imports: ['host/component', 'host/component/brink', 'host/component/wasi', 'host/errors.ts'],
  },
  'host/component/calls': {
    imports: ['host/component/describe', 'host/errors.ts', 'host/gateway'],
    types: ['host/component', 'host/component/runtime'],
  },
  'host/component/openapi': {
    imports: ['host/component/calls', 'host/component/describe'],
    types: ['host/component', 'host/component/link'],
  },
  'host/component/serve': {
    imports: [
      'host/component/brink',
      'host/component/calls',
      'host/component/runtime',
      'host/component/wasi',
      'host/component/wasi/hosts.ts',
      'host/errors.ts',
    ],
    types: ['host/component', 'host/registry', 'sdk'],
  },

  // what runs inside a cell, beside the function
  'host/cell': {
    imports: ['host/address.ts', 'host/bindings', 'host/bytes.ts', 'host/errors.ts', 'host/mail'],
    types: ['host/dispatch', 'host/observe', 'host/registry', 'sdk'],
  },
  'host/cell/workerd': {
    imports: ['host/bindings', 'host/caches', 'host/cell', 'host/observe'],
    types: ['host/dispatch', 'sdk'],
    packages: ['brink:main', 'cloudflare:workers'],
    node: true,
  },

  // what is written for functions, and the functions
  sdk: { packages: ['cloudflare:workers'] },
  // what the build puts around functions written for other clouds, whose Node they need
  'sdk/clouds': { packages: ['cloudflare:workers'], node: true, deep: true },
  // for tests of functions, on Node
  'sdk/testing': {
    imports: [
      'host/bindings',
      'host/build',
      'host/cell',
      'host/mail',
      'host/observe',
      'host/platforms/node',
      'host/platforms/node/d1',
      'host/platforms/node/worker',
      'host/registry',
      'host/stores',
      'host/timing',
      'host/triggers',
    ],
    types: ['host/dispatch', 'sdk'],
    node: true,
  },
  'functions/*': {
    imports: ['sdk'],
    packages: [
      '@bufbuild/protobuf',
      '@connectrpc/connect',
      '@hono/zod-openapi',
      '@jsquash/jpeg',
      '@jsquash/resize',
      '@jsquash/webp',
      'aws-lambda',
      'cloudflare:workers',
      'hono',
    ],
    node: true,
    deep: true,
  },

  // platforms: the only place that opens connections
  'host/platforms': { imports: ['host/bindings', 'host/errors.ts', 'host/secrets'], types: ['host/observe'], node: true },
  'host/platforms/node': {
    imports: [
      'host/app.ts',
      'host/bindings',
      'host/caches',
      'host/bytes.ts',
      'host/cell',
      'host/errors.ts',
      'host/gateway',
      'host/mail',
      'host/observe',
      'host/platforms',
      'host/platforms/node/d1',
      'host/platforms/smtp',
      'host/scopes.ts',
      'host/secrets',
      'host/stores',
      'host/stores/nats',
      'host/timing',
    ],
    types: ['host/dispatch', 'host/metering', 'host/platform.ts', 'host/platforms/node/worker', 'host/registry', 'sdk'],
    packages: ['@hono/node-server', '@nats-io/transport-node', 'esbuild', 'undici', 'ws'],
    node: true,
  },
  'host/platforms/node/d1': { imports: ['host/bindings'], types: ['host/registry', 'host/stores'], node: true },
  'host/platforms/node/worker': {
    imports: ['host/bindings', 'host/caches', 'host/cell', 'host/component', 'host/observe', 'host/platforms/node'],
    types: ['host/dispatch'],
    node: true,
    deep: true,
  },
  'host/platforms/workerd': {
    imports: [
      'host/app.ts',
      'host/bindings',
      'host/caches',
      'host/cell',
      'host/cell/workerd',
      'host/errors.ts',
      'host/gateway',
      'host/mail',
      'host/observe',
      'host/registry',
      'host/scopes.ts',
      'host/secrets',
      'host/stores',
    ],
    types: ['host/dispatch', 'host/platform.ts'],
    packages: ['brink:cell', 'brink:static', 'cloudflare:email', 'cloudflare:workers', 'esbuild'],
    node: true,
  },
  // mail in and out, for both
  'host/platforms/smtp': {
    imports: ['host/admin', 'host/errors.ts', 'host/mail'],
    types: ['host/platforms'],
    packages: ['nodemailer', 'smtp-server'],
    node: true,
  },
  'host/platforms/miniflare': {
    imports: ['host/address.ts', 'host/errors.ts', 'host/gateway', 'host/platforms', 'host/platforms/smtp', 'host/platforms/workerd'],
    types: ['host/bindings', 'host/mail', 'host/observe'],
    packages: ['miniflare'],
    node: true,
  },

  // tools, on Node
  'host/build': {
    imports: [
      'host/bindings',
      'host/component',
      'host/component/core',
      'host/component/openapi',
      'host/component/serve',
      'host/component/wasi/hosts.ts',
      'host/errors.ts',
      'host/openapi',
      'host/registry',
      'sdk/clouds',
    ],
    packages: ['chokidar', 'esbuild', 'jsonc-parser', 'smol-toml', 'yaml', 'zod'],
    node: true,
  },
  'host/cli': {
    imports: [
      'host/address.ts',
      'host/admin',
      'host/bindings',
      'host/build',
      'host/cell',
      'host/errors.ts',
      'host/observe',
      'host/openapi',
      'host/platforms',
      'host/platforms/miniflare',
      'host/platforms/node',
      'host/platforms/workerd',
      'host/registry',
      'host/timing',
      'package.json',
    ],
    packages: ['commander', 'ora', 'picocolors', 'smol-toml', 'undici'],
    node: true,
    deep: true,
  },
};
