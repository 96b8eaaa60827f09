/** Lines of the documents that are not run as they stand: what is run in their place ('' is nothing), and why. */
export const EXCLUDED: Readonly<Record<string, { readonly instead: string; readonly why: string }>> = {
  'npm ci': { instead: '', why: '.ci/run begins with it' },
  'npm ci && npm start': {
    instead: 'node --import ./host/cli/compile-cache.js host/cli/start.ts',
    why: '.ci/run begins with the first; the second is this, by npm',
  },
  'npm ci && npm test': { instead: '', why: '.ci/run runs both; this test is a part of the second' },
  'npm test': { instead: '', why: 'this test is a part of it' },
  'bash .ci/run': { instead: '', why: 'this test is a part of it' },
  'npm run format': { instead: '', why: 'it changes the repository; .ci/run checks what it would change' },
  'npm run lint': { instead: '', why: '.ci/run runs it' },
  'npm run typecheck': { instead: '', why: '.ci/run runs it' },
  'npm run bench -- http': { instead: '', why: 'it takes minutes, and a machine to itself' },
  'npm run simulate': { instead: 'npm run simulate -- --scale 0.01', why: 'it takes minutes' },
  'npm run simulate -- --vary target --scenario bursty,heavy --json': {
    instead: 'npm run simulate -- --vary target --scenario bursty,heavy --json --scale 0.01',
    why: 'it takes a minute',
  },
  'npm run simulate-guard': { instead: 'npm run simulate-guard -- --runs 1', why: 'it takes minutes' },
  'npm run simulate-guard -- --runs 20 --seed 7 --json': {
    instead: 'npm run simulate-guard -- --runs 1 --seed 7 --json',
    why: 'it takes a minute',
  },
  'npm run soak -- --seconds 120 --seed 7': { instead: '', why: 'it takes two minutes; npm test runs a few seconds of it' },
  'npx vitest run test/registry': { instead: '', why: 'npm test runs these' },
  'npm run spec-tests -- ../component-model/test': {
    instead: '',
    why: 'it needs a copy of the Component Model; play.test.ts tests the runner',
  },
  'npm run cache-tests -- ../cache-tests': { instead: '', why: 'it needs a copy of cache-tests; run.test.ts tests the runner' },
  'npm run wpt -- ../wpt': { instead: '', why: 'it needs a copy of web-platform-tests; run.test.ts tests the runner' },
  'npm run wpt-cors -- ../wpt': { instead: '', why: 'it needs a copy of web-platform-tests; cors/run.test.ts tests the runner' },
  'FUZZ_RUNS=100000 npx vitest run test/component/link/hostile.test.ts test/component/runtime/hostile.test.ts': {
    instead: '',
    why: 'it takes minutes; npm test runs the short form',
  },
  'FUZZ_RUNS=400 FUZZ_SEED=1000 npx vitest run test/component/differential/pass-through.test.ts': {
    instead: '',
    why: 'it takes minutes; npm test runs the short form',
  },
  'node --test basket/basket.test.js': {
    instead: 'node --conditions brink-source --test basket/basket.test.js',
    why: 'a clone has no package that was built, and finds brink/sdk/testing in its sources by this condition',
  },
  'opa build -t wasm -e ledger/allow -o ledger/bundle.tar.gz ledger/policy.rego': {
    instead: 'node test/docs/policy.ts ledger/policy.wasm',
    why: 'not every machine has opa: a module by its ABI is written by hand, and decides the same',
  },
  'opa build -t wasm -e brink/deny -o publish.tar.gz publish.rego': {
    instead: 'node test/docs/publish-policy.ts publish.tar.gz',
    why: 'not every machine has opa: a module by its ABI is written by hand, and decides the same',
  },
  'openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 90 -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout key.pem -out cert.pem':
    {
      instead: 'node test/docs/certificate.ts cert.pem key.pem',
      why: 'not every machine has openssl: one of the same names is made by a test',
    },
  'tar -xzf ledger/bundle.tar.gz -C ledger /policy.wasm': { instead: '', why: 'that bundle is what opa makes' },
  'nats-server --jetstream --store_dir /var/lib/nats': { instead: '', why: 'not every machine has it; test/nats starts one' },
  'BRINK_SECRET_KEY=/etc/brink/secret.key npx brink serve --nats nats://127.0.0.1:4222': {
    instead: '',
    why: 'it needs that server; test/nats/hosts.test.ts starts two such hosts',
  },
  'npx brink serve --port 8787 --takeover': {
    instead: '',
    why: 'it would go on, and end the host of this page; test/cli/takeover.test.ts does it',
  },
  'npx brink deploy': { instead: '', why: 'it needs an account; --dry-run is run' },
  'npx wrangler secret put BRINK_TOKEN': { instead: '', why: 'it needs an account' },
  'openssl rand -base64 32 | npx wrangler secret put BRINK_SECRET_KEY': { instead: '', why: 'it needs an account' },
  'BRINK_TOKEN=… npx brink publish greet --host https://brink.example.workers.dev': { instead: '', why: 'it needs an account' },
};
