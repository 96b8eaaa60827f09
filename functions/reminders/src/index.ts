import type { ExportedHandler, Schedules } from '../../../sdk/index.ts';

interface Env {
  SCHEDULES: Schedules;
}

/** `POST /?in=90s` with a text reminds of it; `GET /` lists what is to come; `DELETE /{id}` forgets one. */
export default {
  async fetch(request, { SCHEDULES }) {
    const { pathname, searchParams } = new URL(request.url);
    switch (request.method) {
      case 'POST': {
        const at = Date.now() + seconds(searchParams.get('in')) * 1000;
        const { id } = await SCHEDULES.create({ at, payload: { text: await request.text() } });
        return Response.json({ id, at: new Date(at) }, { status: 201 });
      }
      case 'DELETE':
        return new Response(null, { status: (await SCHEDULES.cancel(decodeURIComponent(pathname.slice(1)))) ? 204 : 404 });
      default:
        return Response.json(await SCHEDULES.list());
    }
  },

  scheduled({ id, payload, scheduledTime }) {
    const { text } = payload as { text: string };
    console.log(`${text} (${id}, due at ${new Date(scheduledTime).toISOString()})`);
  },
} satisfies ExportedHandler<Env>;

function seconds(text: string | null): number {
  const [, count = '60'] = /^(\d{1,9})s$/.exec(text ?? '60s') ?? [];
  return Number(count);
}
