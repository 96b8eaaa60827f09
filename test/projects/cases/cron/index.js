const ran = [];

export default {
  async scheduled(event, env, ctx) {
    ctx.waitUntil(Promise.resolve().then(() => ran.push([event.cron, env.STAGE])));
    console.log(`fired at ${event.scheduledTime}`);
  },

  async fetch(_request, { GREETING, STAGE, TOKEN = null }) {
    return Response.json({ GREETING, STAGE, TOKEN, ran });
  },
};
