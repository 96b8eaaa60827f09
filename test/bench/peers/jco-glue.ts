import { serve } from '@hono/node-server';
import { jcoComponent } from '../../component/differential/jco.ts';
import { componentAt, type Isolation } from '../components.ts';
import { IMPORTS, responseOf, type IncomingHandler } from './jco-host.ts';

/** A component of WASI 0.2 in JavaScript that jco generates, in the serving thread: one instance, or a fresh one for each request. */
const [guest, isolation] = process.argv.slice(2) as [string, Isolation];
const make = await jcoComponent(componentAt(guest));
const instance = (): IncomingHandler =>
  Object.entries(make(IMPORTS)).find(([name]) => name.startsWith('wasi:http/incoming-handler'))![1] as IncomingHandler;
const kept = isolation === 'instance' ? instance() : null;
serve({ fetch: (request) => responseOf(kept ?? instance(), request), hostname: '127.0.0.1', port: 0 }, ({ port }) =>
  process.send!({ port }),
);
