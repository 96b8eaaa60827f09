import { env, WorkerEntrypoint } from 'cloudflare:workers';

interface Env {
  NAME: string;
}

const early = (env as Env).NAME;

/** Others would call this by RPC; here it must do no harm. */
export class Admin extends WorkerEntrypoint<Env> {
  reset(): string {
    return 'done';
  }
}

export default class Site extends WorkerEntrypoint<Env> {
  #greeting = 'hi';

  override async fetch(request: Request): Promise<Response> {
    this.ctx.waitUntil(this.#log(request.method));
    return Response.json({ early, name: this.env.NAME, greeting: this.#greeting });
  }

  async #log(method: string): Promise<void> {
    console.log(`${method} was logged`);
  }
}
