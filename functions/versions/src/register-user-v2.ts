import type { ExportedHandler } from '../../../sdk/index.ts';
import { answer, welcome, type Env } from './users.ts';

const WORDS: Readonly<Record<string, string>> = { en: 'Welcome', de: 'Willkommen', cy: 'Croeso' };

/** As version 1, and who registers by `POST /NAME?language=cy` is welcomed in that language. */
export default {
  async fetch(request, env, ctx) {
    const language = new URL(request.url).searchParams.get('language') ?? 'en';
    const status = Object.hasOwn(WORDS, language) ? await answer(request, env, { confirmed: false, language }) : 400;
    return new Response(null, { status, headers: { 'x-version': String(ctx.brink.version) } });
  },

  queue({ messages }, env) {
    // Users of version 1 have no language.
    return welcome(messages, env, (name, { language = 'en' }) => `${WORDS[language]}, ${name}`);
  },
} satisfies ExportedHandler<Env>;
