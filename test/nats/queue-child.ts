import { setTimeout as wait } from 'node:timers/promises';
import { openOn } from './state.ts';

/** Leases messages one by one, says which, and acks every second one; the others it keeps until their lease ends. */
const [url, prefix, name] = process.argv.slice(2) as [string, string, string];
const { queue } = await openOn(url, { prefix });
for (;;) {
  const { lease, messages } = await queue.lease(name, { limit: 1, ms: 1_500 });
  const [message] = messages;
  if (message === undefined) {
    await wait(20);
    continue;
  }
  const acked = Number(new TextDecoder().decode(message.body)) % 2 === 0;
  if (acked) await queue.settle(name, lease, [{ id: message.id, to: 'ack' }]);
  process.stdout.write(`${JSON.stringify({ id: message.id, acked })}\n`);
}
