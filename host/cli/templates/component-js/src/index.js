import { getEnvironment } from 'wasi:cli/environment@0.2.10';

addEventListener('fetch', (event) => event.respondWith(answer(event.request)));

async function answer(request) {
  const { GREETING = 'Hello' } = Object.fromEntries(getEnvironment());
  const { pathname } = new URL(request.url);
  return new Response(`${GREETING} from template-name at ${pathname}\n`, { headers: { 'content-type': 'text/plain' } });
}
