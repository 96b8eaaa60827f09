import type { Upgraded } from '../door.ts';
import type { Front } from './front.ts';
import { webSocketsOf } from './web-socket.ts';

/** Connections of a front that are WebSockets or HTTP/2. */
export function upgradedOf({ server, http2 }: Front): Upgraded {
  const webSockets = webSocketsOf(server);
  return {
    goAway() {
      webSockets.goAway();
      http2.drain();
    },
    webSockets: webSockets.count,
    end: () => http2.close(),
  };
}
