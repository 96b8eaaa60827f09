import { it } from 'vitest';
import { leaveOut } from '../left-out.ts';
import { natsVersion } from './server.ts';

/** Defines tests where there is a server to run them on; else prints why there are none. */
export function onNats(name: string, define: () => void): void {
  if (natsVersion !== null) return define();
  it(name, (context) => leaveOut(context, 'there is no nats-server on this machine; `apt-get install nats-server`'));
}
