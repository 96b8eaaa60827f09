/** What rules do with the headers of a response. */
export type HeaderEditor = Pick<Headers, 'get' | 'has' | 'set' | 'append' | 'delete'>;

/** By this name a platform's own responses have what edits their lines without making a Headers, which costs more than a rule. */
export const EDITOR = Symbol('editor');

interface Editable {
  /** null where it has one already. */
  readonly [EDITOR]?: HeaderEditor | null;
}

/** The response with other headers, where the platform lets it be changed; else a copy of it with its body. */
export function withHeaders(response: Response, change: (headers: HeaderEditor) => void): Response {
  const editor = (response as Editable)[EDITOR];
  if (editor) {
    change(editor);
    return response;
  }
  try {
    change(response.headers);
    return response;
  } catch (error) {
    // Of a response that came from elsewhere, as on workerd, and of a redirect. https://fetch.spec.whatwg.org/#headers-guard
    if (!(error instanceof TypeError)) throw error;
    const copy = response.status === 101 ? switched(response as Switched) : new Response(response.body, response);
    change(copy.headers);
    return copy;
  }
}

/** As Workers have it. https://developers.cloudflare.com/workers/runtime-apis/websockets/ */
interface Switched extends Response {
  readonly webSocket?: unknown;
}

/** The socket goes over to the copy. */
function switched({ headers, webSocket }: Switched): Response {
  return new Response(null, { status: 101, headers, webSocket } as ResponseInit);
}

/** Lets go of a response that nobody gets. It may have broken off already. */
export async function discard({ body }: Response): Promise<void> {
  await body?.cancel().catch(() => {});
}

/** Adds a name to `Vary`, where it is not there. RFC 9110, section 12.5.5. */
export function addVary(headers: HeaderEditor, name: string): void {
  const known = headers.get('vary');
  if (known === null) return headers.set('vary', name);
  const names = known.split(',').map((each) => each.trim().toLowerCase());
  if (!names.includes('*') && !names.includes(name.toLowerCase())) headers.set('vary', `${known}, ${name}`);
}
