import type { D1Database, ExportedHandler, RateLimit } from '../../../sdk/index.ts';
import { faultsOf, readForm } from './form.ts';
import { isFromElsewhere } from './origin.ts';
import { page } from './page.ts';
import { login, register } from './users.ts';

interface Env {
  readonly DB: D1Database;
  readonly CLIENTS: RateLimit;
  readonly LOGINS: RateLimit;
}

/** A form to register at `/`, and one to log in at `/login`. */
export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    if (pathname !== '/' && pathname !== '/login') return page({ title: 'There is no such page', status: 404 });
    const isLogin = pathname === '/login';
    if (request.method === 'GET' || request.method === 'HEAD') return isLogin ? loginPage() : registerPage();
    if (request.method !== 'POST') return page({ title: 'Use the form', status: 405, headers: { allow: 'GET, HEAD, POST' } });
    if (isFromElsewhere(request)) return page({ title: 'Use the form of this site', status: 403 });
    const client = ctx.brink.clientAddress;
    if (client !== null && !(await env.CLIENTS.limit({ key: client })).success) return tooOften();
    const sent = await readForm(request);
    if (sent === null) return page({ title: 'Send a form', status: 415 });
    if (!isLogin) {
      const faults = faultsOf(sent);
      if (faults.length > 0) return registerPage(sent.name, faults, 400);
      return (await register(env.DB, sent))
        ? page({ title: `Welcome, ${sent.name}`, status: 201 })
        : registerPage(sent.name, [`The name ${sent.name} is taken.`], 409);
    }
    // Of a client, since one that tries somebody's name must not lock that user out.
    if (!(await env.LOGINS.limit({ key: `${client} ${sent.name.slice(0, 32)}` })).success) return tooOften();
    // A session would begin here.
    return (await login(env.DB, sent))
      ? page({ title: `Welcome back, ${sent.name}` })
      : loginPage(sent.name, ['There is no user with this name and password.'], 403);
  },
} satisfies ExportedHandler<Env>;

function registerPage(name = '', lines: readonly string[] = [], status = 200): Response {
  return page({ title: 'Register', status, lines, form: { name, button: 'Register', autocomplete: 'new-password' } });
}

function loginPage(name = '', lines: readonly string[] = [], status = 200): Response {
  return page({ title: 'Log in', status, lines, form: { name, button: 'Log in', autocomplete: 'current-password' } });
}

function tooOften(): Response {
  return page({ title: 'That was too often', status: 429, headers: { 'retry-after': '60' }, lines: ['Try again in a minute.'] });
}
