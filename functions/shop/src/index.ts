import type { ExportedHandler, Service } from '../../../sdk/index.ts';

interface Env {
  /** `functions/prices`, of which this function knows no more. */
  PRICES: Service<{ of(item: string): number }>;
}

/** Adds up what an order costs, with the prices of another function: `/?order=tea,tea,coffee`. */
export default {
  async fetch(request, { PRICES }) {
    const order = (new URL(request.url).searchParams.get('order') ?? 'tea').split(',');
    try {
      const prices = await Promise.all(order.map((item) => PRICES.of(item)));
      return Response.json({ order, cents: prices.reduce((sum, each) => sum + each, 0) });
    } catch (error) {
      if (error instanceof RangeError) return Response.json({ error: error.message }, { status: 404 });
      throw error;
    }
  },
} satisfies ExportedHandler<Env>;
