import { Code, ConnectError, createConnectRouter } from '@connectrpc/connect';
import { createFetchHandler } from '@connectrpc/connect/protocol';
import { Greeter } from './greet_pb.ts';

// It answers Connect, gRPC-Web and gRPC; the last needs trailers, which no Response has.
const router = createConnectRouter({ grpc: false }).service(Greeter, {
  greet({ name }, { requestMethod, responseHeader }) {
    if (name === '') throw new ConnectError('Whom shall I greet?', Code.InvalidArgument);
    // For what a client asks with GET, the gateway's cache and those on the way.
    if (requestMethod === 'GET') responseHeader.set('cache-control', 'public, max-age=60');
    return { text: `Hello, ${name}!` };
  },
  async *count({ to }) {
    for (let number = 1; number <= to; number++) yield { number };
  },
});

const procedures = new Map(router.handlers.map((handler) => [handler.requestPath, createFetchHandler(handler)]));

export default {
  fetch(request: Request): Response | Promise<Response> {
    const procedure = procedures.get(new URL(request.url).pathname);
    return procedure?.(request) ?? new Response('There is no such procedure.\n', { status: 404 });
  },
};
