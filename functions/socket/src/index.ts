import type { ExportedHandler, UpgradeInit } from '../../../sdk/index.ts';

export default {
  fetch(request) {
    if (request.headers.get('upgrade')?.toLowerCase() !== 'websocket') {
      return new Response('Connect with a WebSocket.\n', { status: 426, headers: { upgrade: 'websocket' } });
    }
    const { 0: client, 1: server } = new WebSocketPair();
    server.accept();
    server.addEventListener('message', ({ data }) => server.send(data as string | ArrayBuffer));
    server.addEventListener('close', ({ code, reason }) => console.log(`closed: ${code} ${reason}`));
    const upgrade: UpgradeInit = { status: 101, webSocket: client };
    return new Response(null, upgrade);
  },
} satisfies ExportedHandler;
