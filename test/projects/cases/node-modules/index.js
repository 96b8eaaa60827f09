import { AsyncLocalStorage } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import { existsSync } from 'node:fs';
import { Agent } from 'node:http';
import { createRequire } from 'node:module';
import { hostname, type as systemType } from 'node:os';
import process from 'node:process';
import { isatty } from 'node:tty';
import { inspect } from 'util';

// What packages do as they are loaded, whether they use it later or not.
class KeepAlive extends Agent {}
const path = createRequire(import.meta.url ?? '/')('node:path');
const coloured = process.env.NO_COLOR === undefined && isatty(process.stderr?.fd ?? 2);
const storage = new AsyncLocalStorage();

export default {
  fetch(_request, env) {
    const emitter = new EventEmitter();
    return storage.run('kept', async () => {
      await Promise.resolve();
      return Response.json({
        os: [hostname(), systemType()],
        agent: typeof KeepAlive,
        file: typeof existsSync,
        joined: path.join('a', '..', 'b'),
        coloured,
        stored: storage.getStore(),
        listeners: emitter.listenerCount('x'),
        debug: env.DEBUG,
        shown: inspect({ a: [1] }),
        buffer: Buffer.from('hi').toString('base64'),
      });
    });
  },
};
