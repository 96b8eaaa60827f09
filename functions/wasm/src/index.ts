import type { ExportedHandler } from '../../../sdk/index.ts';
import module from './gcd.wasm';

const { gcd } = new WebAssembly.Instance(module).exports as { gcd(a: number, b: number): number };

export default {
  fetch(request) {
    const { searchParams } = new URL(request.url);
    const [a, b] = [Number(searchParams.get('a') ?? 48), Number(searchParams.get('b') ?? 36)];
    if (!isCount(a) || !isCount(b)) return new Response('Give whole numbers: /?a=48&b=36\n', { status: 400 });
    return Response.json({ a, b, gcd: gcd(a, b) });
  },
} satisfies ExportedHandler;

function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < 2 ** 31;
}
