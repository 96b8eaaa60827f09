interface ScheduledController {
  /** The expression of `triggers.crons` that is due. */
  readonly cron: string;
  /** Milliseconds since the epoch. */
  readonly scheduledTime: number;
}

export default {
  scheduled(controller: ScheduledController): void {
    console.log(`${controller.cron} was due at ${new Date(controller.scheduledTime).toISOString()}`);
  },

  fetch(): Response {
    return new Response('template-name runs on a schedule. Run it now: brink invoke template-name --scheduled\n');
  },
};
