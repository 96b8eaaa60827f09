import { Buffer } from 'node:buffer';
import { getQuery, H3, HTTPError, iterable, readBody, redirect, setCookie } from 'h3';

const app = new H3();

app.get('/', () => 'plain');
app.get('/json', (event) => ({ query: getQuery(event) }));
app.get('/buffer', () => Buffer.from('bytes'));
app.get('/blob', () => new Blob(['blob'], { type: 'text/x-blob' }));
app.get('/stream', () => iterable(['one ', 'two ', 'three']));
app.get('/user/:name', (event) => ({ name: event.context.params.name }));
app.post('/echo', async (event) => ({ got: await readBody(event) }));
app.get('/cookie', (event) => {
  setCookie(event, 'a', '1');
  setCookie(event, 'b', '2');
  return '';
});
app.get('/away', () => redirect('https://example.com/', 307));
app.get('/fails', () => {
  throw new HTTPError('Not today', { status: 418 });
});

export default { fetch: app.fetch };
