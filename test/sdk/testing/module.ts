/** A main module, with the import that only the runtime has. */
import { WorkerEntrypoint } from 'cloudflare:workers';

export class Named extends WorkerEntrypoint {}

export default { fetch: () => new Response('a module') };
