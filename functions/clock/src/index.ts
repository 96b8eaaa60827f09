import type { ExportedHandler } from '../../../sdk/index.ts';

let lastRun: { cron: string; due: string } | null = null;

export default {
  scheduled({ cron, scheduledTime }) {
    lastRun = { cron, due: new Date(scheduledTime).toISOString() };
    console.log('tick', lastRun);
  },

  fetch() {
    return Response.json({ now: new Date().toISOString(), lastRun });
  },
} satisfies ExportedHandler;
