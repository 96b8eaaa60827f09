import { torture, type Attack } from './harness.ts';

/** Each is tried, whatever it throws; `ok` says that the cell went on afterwards. */
const tries = (name: string, code: string, hears: readonly string[] = ['ok']): Attack => ({
  name,
  body: `try { ${code} } catch (error) { return new Response(String(error)) } return new Response('done')`,
  hears,
});

torture('the process', [
  tries('process.exit()', 'process.exit(1)'),
  tries('process.reallyExit()', 'process.reallyExit(1)'),
  tries('process.abort()', 'process.abort()'),
  tries('process.kill() of the host', 'process.kill(process.ppid || 1, "SIGKILL"); process.kill(process.pid, "SIGKILL")'),
  tries('process.binding and dlopen', 'process.binding("spawn_sync"); process.dlopen({}, "x")'),
  tries('listeners of the process', 'process.removeAllListeners(); process.on("uncaughtException", () => {}); process.emit("exit", 1)'),
  tries('what makes a thread or a process', '(await import("node:worker_threads")); (await import("node:child_process"))'),
  tries('a message to the host', 'postMessage("garbage"); self.postMessage(["ready"]); self.close()'),
  tries('the constructor of the global object', 'globalThis.constructor.constructor("return process")().exit(1)'),
  {
    name: 'the port to the host, by the methods of ports',
    source: `
      let port;
      for (const method of ['postMessage', 'start', 'ref', 'unref', 'on', 'emit', 'close']) {
        for (const prototype of [MessagePort.prototype, EventTarget.prototype]) {
          const native = prototype[method];
          if (typeof native === 'function') try { prototype[method] = function (...args) { port ??= this instanceof MessagePort ? this : undefined; return native.apply(this, args); }; } catch { /* It is frozen. */ }
        }
      }
      export default { async fetch(request) {
        if (new URL(request.url).pathname.endsWith('/alive')) return new Response('alive');
        await new Promise((resolve) => setTimeout(resolve, 20));
        return port === undefined ? new Response('no port') : Response.error();
      } }`,
    hears: ['ok'],
  },
]);
