/** A function that asks `env.LIMITER` one after the other with what it is given. It imports nothing, so that its text alone is a module. */
export type Answer = { readonly success: boolean } | { readonly error: { readonly name: string; readonly message: string } };

export default {
  async fetch(request: Request, env: Readonly<Record<string, Limiter>>): Promise<Response> {
    const { name, calls } = (await request.json()) as { name: string; calls: unknown[] };
    return Response.json(await ask(env[name]!, calls));
  },
};

interface Limiter {
  limit(options: unknown): Promise<{ success: boolean }>;
}

export async function ask(limiter: Limiter, calls: readonly unknown[]): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const call of calls) {
    try {
      answers.push(await limiter.limit(call === 'nothing' ? undefined : call));
    } catch (error) {
      const { name, message } = error as Error;
      answers.push({ error: { name, message } });
    }
  }
  return answers;
}
