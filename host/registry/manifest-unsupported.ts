import { BrinkError } from '../errors.ts';

const ELSEWHERE = 'a service of Cloudflare alone; call its HTTP API with `fetch`';
const LATER = 'a binding that is not built yet';

/** Keys that a function may not use, and what each stands for. Refused at publish, so that nothing is missing at request time. */
export const UNSUPPORTED_KEYS: Readonly<Record<string, string>> = {
  // state and messages
  blobs: 'blob stores, which are `r2_buckets` here',
  secrets_store_secrets: `secrets of a store, ${LATER}; use \`brink secret put\``,
  // other functions and code
  durable_objects: 'Durable Objects of functions, which are not built yet',
  exports: 'exported classes such as Durable Objects, which are not built yet',
  workflows: 'Workflows, which are built on Durable Objects',
  dispatch_namespaces: 'Workers for Platforms; publish each Worker as a function of its own',
  worker_loaders: 'loading Workers from a function, which is not built yet',
  containers: 'containers of Cloudflare, which do not run here',
  cloudchamber: 'containers of Cloudflare, which do not run here',
  tail_consumers: 'tail Workers; read the logs with `brink logs -f`',
  streaming_tail_consumers: 'tail Workers; read the logs with `brink logs -f`',
  python_modules: 'Workers in Python, which do not run here',
  python_compat: 'Workers in Python, which do not run here',
  // files
  assets: 'static assets, which are not built yet; import files as text or data modules',
  site: 'Workers Sites; import files as text or data modules',
  pages_build_output_dir: 'a Pages project; give it a `main` that exports a handler',
  wasm_modules: 'wasm in service-worker syntax; write `import module from "./a.wasm"`',
  text_blobs: 'text in service-worker syntax; write `import text from "./a.txt"`',
  data_blobs: 'data in service-worker syntax; write `import data from "./a.bin"`',
  // mail, connections, limits
  addresses: 'inbound mail, a trigger that is not built yet',
  connect: 'inbound sockets, a trigger that is not built yet',
  access: 'Cloudflare Access, which does not stand before a function here; check its token in the function',
  mtls_certificates: 'client certificates for `fetch`, which are not built yet',
  vpc_services: 'private networks of Cloudflare; `fetch` reaches what the host reaches',
  vpc_networks: 'private networks of Cloudflare; `fetch` reaches what the host reaches',
  unsafe: 'bindings that wrangler does not know itself',
  unsafe_hello_world: 'an example binding of wrangler',
  version_metadata: `a version's metadata, ${LATER}; read \`ctx.brink.version\``,
  // services
  ai: `Workers AI, ${ELSEWHERE}`,
  ai_search: `AI Search, ${ELSEWHERE}`,
  ai_search_namespaces: `AI Search, ${ELSEWHERE}`,
  agent_memory: `Agent Memory, ${ELSEWHERE}`,
  analytics: `Analytics SQL, ${ELSEWHERE}`,
  analytics_engine_datasets: `Analytics Engine, ${ELSEWHERE}`,
  artifacts: `Artifacts, ${ELSEWHERE}`,
  browser: `Browser Rendering, ${ELSEWHERE}`,
  flagship: `feature flags, ${ELSEWHERE}`,
  hyperdrive: 'Hyperdrive, a service of Cloudflare alone',
  images: `Images, ${ELSEWHERE}`,
  k2: `K2 streams, ${ELSEWHERE}`,
  logfwdr: 'log forwarding inside Cloudflare',
  media: `Media Transformations, ${ELSEWHERE}`,
  pipelines: `Pipelines, ${ELSEWHERE}`,
  stream: `Stream, ${ELSEWHERE}`,
  vectorize: `Vectorize, ${ELSEWHERE}`,
};

/**
 * The config without those keys, where they ask for nothing: an empty table or list is none.
 *
 * @throws {BrinkError} `binding-unsupported`, which names all that ask for something
 */
export function withoutUnsupported(config: Readonly<Record<string, unknown>>, place: string | undefined): Record<string, unknown> {
  const isUnsupported = (key: string) => Object.hasOwn(UNSUPPORTED_KEYS, key);
  const asked = Object.entries(config).filter(([key, value]) => isUnsupported(key) && !isEmpty(value));
  if (asked.length > 0) throw unsupported(asked, place);
  return Object.fromEntries(Object.entries(config).filter(([key]) => !isUnsupported(key)));
}

function unsupported(asked: readonly [key: string, value: unknown][], place: string | undefined): BrinkError {
  const named = asked.map(([key, value]) => ({ key, bindings: [...new Set(namesIn(value))].slice(0, 20) }));
  const [first, others] = [named[0]!, named.slice(1)];
  const where = place === undefined ? '' : `${place}: `;
  const rest = others.map((each) => `${subjectOf(each)}: ${UNSUPPORTED_KEYS[each.key]}`);
  return new BrinkError(
    'binding-unsupported',
    `${where}${subjectOf(first)} cannot be used: it means ${UNSUPPORTED_KEYS[first.key]}. Remove it to publish without it.` +
      (rest.length === 0 ? '' : `\nNor can ${rest.length === 1 ? 'this' : 'these'}:\n  ${rest.join('\n  ')}`),
    {
      details: { ...first, ...(others.length > 0 && { others }), ...(place !== undefined && { file: place }) },
    },
  );
}

function subjectOf({ key, bindings }: { key: string; bindings: readonly string[] }): string {
  return bindings.length === 0 ? key : `${key} (${bindings.join(', ')})`;
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === false) return true;
  return typeof value === 'object' && Object.values(value).every((inner) => Array.isArray(inner) && inner.length === 0);
}

/** The names under which a function would see these in its `env`, wherever wrangler writes them. */
function namesIn(value: unknown): string[] {
  if (value === null || typeof value !== 'object') return [];
  if (Array.isArray(value)) return value.flatMap(namesIn);
  const { binding, name, queue } = value as Record<string, unknown>;
  const own = [binding, name, queue].find((candidate) => typeof candidate === 'string');
  return typeof own === 'string' ? [own.slice(0, 80)] : Object.values(value).flatMap(namesIn);
}
