import { entryOf, hashedName, isName, liveOf, LONGEST_NAME, type Entry, type Env } from './entry.ts';
import { rollBack } from './publish.ts';
import { sha256 } from './sha256.ts';

/** `PUT` and `DELETE` change what is uploaded, `POST` goes back to what was served before, and `GET` tells how it is. */
export async function deploy(request: Request, env: Env, path: string): Promise<Response> {
  if (!(await isAllowed(request, env))) return new Response('Give the token: Authorization: Bearer …\n', UNAUTHORIZED);
  const name = nameOf(path);
  if (name === null) return Response.json({ error: `A name has 1 to ${LONGEST_NAME} bytes, and no empty part.` }, { status: 400 });
  switch (request.method) {
    case 'GET':
      return Response.json(view(name, await entryOf(env, name)));
    case 'PUT': {
      const { size, version } = await env.UPLOADS.put(name, request.body);
      return Response.json({ name, size, upload: version }, { status: 202 });
    }
    case 'DELETE':
      await env.UPLOADS.delete(name);
      return Response.json({ name, upload: null }, { status: 202 });
    case 'POST': {
      const entry = await rollBack(env, name);
      return entry ? Response.json(view(name, entry)) : Response.json({ error: 'There is nothing before.' }, { status: 409 });
    }
    default:
      return Response.json({ error: 'Use GET, PUT, DELETE or POST.' }, { status: 405, headers: { allow: 'GET, PUT, DELETE, POST' } });
  }
}

const UNAUTHORIZED = { status: 401, headers: { 'www-authenticate': 'Bearer' } };

/** Digests are compared, which say nothing about how much of a token was right. */
async function isAllowed({ headers }: Request, { DEPLOY_TOKEN }: Env): Promise<boolean> {
  const given = /^Bearer (.+)$/i.exec(headers.get('authorization') ?? '')?.[1];
  if (!DEPLOY_TOKEN || given === undefined) return false;
  return (await sha256(given)) === (await sha256(DEPLOY_TOKEN));
}

function nameOf(path: string): string | null {
  try {
    const name = decodeURIComponent(path);
    return isName(name) ? name : null;
  } catch {
    return null;
  }
}

function view(name: string, entry: Entry): unknown {
  const { upload, releases, rejected } = entry;
  const live = liveOf(entry);
  return { name, upload, rejected, live: live && hashedName(name, live.hash), releases };
}
