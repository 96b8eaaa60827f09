import type { ExportedHandler } from '../../../sdk/index.ts';

const CHUNK = new Uint8Array(64 * 1024).fill('.'.charCodeAt(0));

export default {
  fetch(request) {
    if (request.method === 'POST') return new Response(request.body, { headers: { 'content-type': 'application/octet-stream' } });
    const chunks = Number(new URL(request.url).searchParams.get('chunks') ?? 16);
    return new Response(countdown(Number.isSafeInteger(chunks) ? chunks : 0));
  },
} satisfies ExportedHandler;

function countdown(chunks: number): ReadableStream<Uint8Array> {
  let left = chunks;
  return new ReadableStream({
    pull(controller) {
      if (left-- > 0) controller.enqueue(CHUNK.slice());
      else controller.close();
    },
    cancel() {
      console.log(`The reader left with ${left} of ${chunks} chunks to go.`);
    },
  });
}
