import { parentPort, workerData } from 'node:worker_threads';
import { browserFetch, type Got, type Sent } from './browser.ts';

/** What a page of the suite is, without a window: its tests, and `fetch` as a browser has it. */
const { source, base } = workerData as { readonly source: string; readonly base: string };
const port = parentPort!;
const waiting = new Map<number, (got: Got) => void>();
port.on('message', ({ id, got }: { readonly id: number; readonly got: Got }) => waiting.get(id)?.(got));
let ids = 0;
const exchange = (sent: Sent) =>
  new Promise<Got>((resolve) => {
    waiting.set(++ids, resolve);
    port.postMessage({ id: ids, sent });
  });
const page = globalThis as unknown as { location: URL; outcomes: Promise<string> };
page.location = new URL(base);
globalThis.fetch = browserFetch(page.location.origin, base, exchange);
process.on('unhandledRejection', () => {});
await import(`data:text/javascript;base64,${Buffer.from(source).toString('base64')}`);
port.postMessage({ outcomes: await page.outcomes });
