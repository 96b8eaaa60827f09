import { MailFailure } from '../../mail/failure.ts';
import { ENVELOPE, type Relay } from '../../mail/outgoing.ts';

interface DoorRequest {
  readonly headers: { get(name: string): string | null };
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** Takes what the runtime, which has no way to a relay, hands over. */
export async function sendThrough(relay: Relay, request: DoorRequest): Promise<{ status: number; body: string | null }> {
  const { from, to } = JSON.parse(decodeURIComponent(request.headers.get(ENVELOPE) ?? '')) as { from: string; to: string[] };
  try {
    await relay.send({ from, to, raw: new Uint8Array(await request.arrayBuffer()) });
    return { status: 204, body: null };
  } catch (error) {
    const { code, message } =
      error instanceof MailFailure ? error : { code: 'E_INTERNAL_SERVER_ERROR', message: 'The relay cannot be used now.' };
    return { status: 502, body: JSON.stringify({ code, message }) };
  }
}
