import { tell, work } from '../bindings/kv-crash-work.ts';
import { namespaceOn } from '../bindings/kv.ts';
import { openOn } from './state.ts';

/** `pid` is that of a server to be killed in the middle of the writes, or 0. */
const [url, prefix, round, pid] = process.argv.slice(2) as [string, string, string, string];
const { bindings } = await openOn(url, { prefix });
const kv = namespaceOn(bindings, Date.now);
// Before anything is killed: who reads this waits for a line.
tell({ done: 'counted', count: 0 });
if (pid !== '0') setTimeout(() => process.kill(Number(pid), 'SIGKILL'), Math.random() * 100);
// What fails then is the last that it does; it is killed in its turn.
await work(kv, Number(round)).catch(() => new Promise(() => {}));
