import type { ExportedHandler } from '../../../sdk/index.ts';
import { confirm, nameOf, register, welcome, type Env } from './users.ts';

const WORDS: Readonly<Record<string, string>> = { en: 'Welcome', de: 'Willkommen', cy: 'Croeso' };

/** As version 1, and `POST /NAME?language=cy` is welcomed in that language. */
export default {
  async fetch(request, env, ctx) {
    const name = nameOf(request);
    const language = new URL(request.url).searchParams.get('language') ?? 'en';
    const headers = { 'x-version': String(ctx.brink.version) };
    if (name === null || WORDS[language] === undefined)
      return new Response(`A name is of a-z, and a language of ${Object.keys(WORDS).join(', ')}: /ada?language=en\n`, {
        status: 404,
        headers,
      });
    const isDone = request.method === 'POST' ? await register(env, name, { confirmed: false, language }) : await confirm(env, name);
    return new Response(null, { status: isDone ? 204 : 409, headers });
  },

  queue({ messages }, env) {
    // Users of version 1 have no language.
    return welcome(messages, env, (name, { language = 'en' }) => `${WORDS[language]}, ${name}`);
  },
} satisfies ExportedHandler<Env>;
