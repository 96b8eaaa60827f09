const upper = () => new TransformStream<string, string>({ transform: (text, out) => out.enqueue(text.toUpperCase()) });

async function sizes(request: Request): Promise<Response> {
  const { readable, writable } = new FixedLengthStream(Number(request.headers.get('content-length')));
  void request.body!.pipeTo(writable);
  const [body, copy] = readable.tee();
  const digest = new crypto.DigestStream('SHA-256');
  await copy.pipeTo(digest);
  const hex = [...new Uint8Array(await digest.digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return new Response(body, { headers: { 'x-digest': hex } });
}

/** A body that is written after its response has been returned. */
function ticks(ctx: ExecutionContext): Response {
  const { readable, writable } = new TransformStream();
  const writer = writable.getWriter();
  const write = async () => {
    for (let tick = 1; tick <= 3; tick++) {
      await scheduler.wait(5);
      await writer.write(new TextEncoder().encode(`data: ${tick}\n\n`));
    }
    await writer.close();
  };
  ctx.waitUntil(write());
  return new Response(readable, { headers: { 'content-type': 'text/event-stream' } });
}

export default {
  async fetch(request: Request, _env: unknown, ctx: ExecutionContext): Promise<Response> {
    switch (new URL(request.url).pathname) {
      case '/upper':
        return new Response(request.body!.pipeThrough(new TextDecoderStream()).pipeThrough(upper()).pipeThrough(new TextEncoderStream()));
      case '/sizes':
        return sizes(request);
      default:
        return ticks(ctx);
    }
  },
};
