import type { SocketWatch, WatchSocket } from '../../gateway/socket-watch.ts';

/** The runtime joins client and function without us; where somebody is told of the socket, its messages go through here. */
export const watchSocket: WatchSocket = (response, watch) => {
  const { webSocket: inner } = response as { readonly webSocket?: WorkersWebSocket | null };
  if (!inner) return response;
  const { 0: client, 1: outer } = new WebSocketPair();
  for (const end of [inner, outer]) {
    end.binaryType = 'arraybuffer';
    end.accept();
  }
  join(outer, inner, { size: watch.received?.bind(watch) });
  join(inner, outer, { size: watch.sent?.bind(watch) });
  ended(outer, watch);
  return new Response(null, { status: 101, headers: response.headers, webSocket: client } as ResponseInit);
};

function join(from: WorkersWebSocket, to: WorkersWebSocket, { size }: { readonly size: SocketWatch['received'] | undefined }): void {
  from.addEventListener('message', ({ data }: MessageEvent<string | ArrayBuffer>) => {
    size?.(typeof data === 'string' ? utf8.encode(data).byteLength : data.byteLength);
    attempt(() => to.send(data));
  });
  from.addEventListener('close', ({ code, reason }) => attempt(() => (code === 1005 ? to.close() : to.close(sendable(code), reason))));
  from.addEventListener('error', () => attempt(() => to.close(GOING_AWAY)));
}

function ended(outer: WorkersWebSocket, watch: SocketWatch): void {
  let open = true;
  const end = () => {
    if (open) watch.closed?.();
    open = false;
  };
  outer.addEventListener('close', end);
  outer.addEventListener('error', end);
}

const utf8 = new TextEncoder();
/** RFC 6455, section 7.4.1. */
const GOING_AWAY = 1001;

/** Those of the section that no frame may have, as of a client that has vanished. */
function sendable(code: number): number {
  return code === 1006 || code === 1015 ? GOING_AWAY : code;
}

/** To an end that has closed meanwhile there is nothing to say. */
function attempt(act: () => void): void {
  try {
    act();
  } catch {}
}
