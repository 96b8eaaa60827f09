import { readFile } from 'node:fs/promises';
import * as shimHttp from '@bytecodealliance/preview2-shim/http';
import { WASIShim } from '@bytecodealliance/preview2-shim/instantiation';
import { jcoComponent } from './jco.ts';

interface HttpServer {
  listen(port: number, host: string): void;
  address(): { readonly port: number };
}

// The types of the package are those for browsers.
const { HTTPServer } = shimHttp as unknown as { HTTPServer: new (handler: unknown) => HttpServer };

/** Serves a component of WASI 0.2 as jco does; started by a test, which it tells its port. */
const make = await jcoComponent(await readFile(process.argv[2]!));
const shim = new WASIShim().getImportObject() as Record<string, unknown>;
const exports = make(new Proxy(shim, { get: (all, name) => all[String(name).replace(/@.*$/, '')] }));
const handler = Object.entries(exports).find(([name]) => name.startsWith('wasi:http/incoming-handler'))![1];
const server = new HTTPServer(handler);
server.listen(0, '127.0.0.1');
process.send!({ port: server.address().port });
process.on('disconnect', () => process.exit());
