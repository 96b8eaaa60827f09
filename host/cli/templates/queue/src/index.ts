interface Job {
  readonly what: string;
}

interface Env {
  readonly JOBS: { send(job: Job): Promise<unknown> };
}

interface MessageBatch {
  readonly messages: readonly {
    readonly body: Job;
    /** How often it has been delivered, this time included. */
    readonly attempts: number;
    ack(): void;
    retry(options?: { delaySeconds?: number }): void;
  }[];
}

export default {
  async fetch(request: Request, { JOBS }: Env): Promise<Response> {
    await JOBS.send({ what: new URL(request.url).pathname });
    return new Response('It is done soon. See: brink logs template-name\n', { status: 202 });
  },

  async queue({ messages }: MessageBatch): Promise<void> {
    for (const message of messages) {
      console.log(`${message.body.what}, delivery ${message.attempts}`);
      message.ack();
    }
  },
};
