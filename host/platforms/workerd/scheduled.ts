import type { Host } from '../../app.ts';

/** What the runtime hands the `scheduled` handler of the host Worker. */
export interface Cron {
  readonly cron: string;
  readonly scheduledTime: number;
}

const ALIAS = 'live';

/** Runs every function whose live version names this cron expression. One that fails holds up no other; it is in the log. */
export async function runDue(host: Host, { cron, scheduledTime }: Cron): Promise<void> {
  const records = await host.registry.list();
  const due = records.filter(({ versions, aliases }) => {
    const live = new Set(aliases[ALIAS]?.versions.map(({ version }) => version));
    return versions.some(({ number, crons }) => live.has(number) && crons.includes(cron));
  });
  await Promise.allSettled(due.map(({ name }) => host.scheduled(name, ALIAS, { cron, scheduledTime })));
}
