import { Hono } from 'hono';
import { upgradeWebSocket } from 'hono/cloudflare-workers';

let clicks = 0;

function counter(request) {
  if (request.headers.get('Upgrade') !== 'websocket') return new Response('Expected websocket', { status: 426 });
  const [client, server] = Object.values(new WebSocketPair());
  server.accept();
  server.addEventListener('message', ({ data }) => {
    if (data === 'CLICK') server.send(JSON.stringify({ clicks: ++clicks }));
    else server.send(JSON.stringify({ error: 'Unknown message' }));
  });
  server.addEventListener('close', ({ code }) => console.log(`closed with ${code}`));
  return new Response(null, { status: 101, webSocket: client });
}

const app = new Hono();
app.get('/counter', (c) => counter(c.req.raw));
app.get(
  '/echo',
  upgradeWebSocket(() => ({
    onMessage({ data }, socket) {
      if (typeof data === 'string') socket.send(`echo ${data}`);
    },
  })),
);

export default app;
