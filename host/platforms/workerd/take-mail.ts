import type { Host } from '../../app.ts';

/** What the runtime hands the `email` handler of the host Worker. */
export interface PlatformMessage {
  readonly from: string;
  readonly to: string;
  readonly raw: ReadableStream<Uint8Array>;
  setReject(reason: string): void;
}

/** What is thrown here, the runtime answers as a failure that passes, so that the message comes again. */
export async function takeMail(host: Pick<Host, 'mailRoute' | 'email'>, message: PlatformMessage): Promise<void> {
  const { from, to } = message;
  const name = await host.mailRoute(to);
  if (name === null) return message.setReject('No such recipient here');
  const raw = new Uint8Array(await new Response(message.raw).arrayBuffer());
  const { rejected } = await host.email(name, null, { from, to, raw });
  return rejected === null ? undefined : message.setReject(rejected);
}
