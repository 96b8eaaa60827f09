import { serve } from '@hono/node-server';
import { prepareComponent } from '../../../host/component/prepare.ts';
import { serveComponent } from '../../../host/component/serve/serve.ts';
import { isBlocking } from '../../../host/component/wasi/hosts.ts';
import { settingsOf } from '../../../host/component/serve/settings.ts';
import { componentAt, settingsFor, type Isolation } from '../components.ts';

/** A component in the serving thread, behind the server that everything is compared with. */
const [guest, isolation] = process.argv.slice(2) as [string, Isolation];
const { plan, modules } = prepareComponent(componentAt(guest), isBlocking, { resets: isolation === 'request' });
const handlers = serveComponent(
  plan,
  modules.map((module) => new WebAssembly.Module(module)),
  settingsOf(settingsFor(isolation)),
);
const context = { waitUntil: () => undefined };
serve({ fetch: (request) => handlers.fetch!(request, {}, context), hostname: '127.0.0.1', port: 0 }, ({ port }) => process.send!({ port }));
