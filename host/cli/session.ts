import process from 'node:process';
import { createAdminClient, type AdminClient } from '../admin/client.ts';
import type { HostEvent } from '../observe/events.ts';
import type { HostOptions, RunningHost } from '../platforms/running.ts';
import { createEventWriter } from './event-writer.ts';
import { usage } from './failure.ts';
import type { Output } from './output.ts';
import { certificateText } from './tls-flags.ts';

/** A host that runs inside this command. */
export interface Session {
  readonly url: string;
  readonly client: AdminClient;
}

export interface SessionOptions extends Omit<HostOptions, 'onEvent' | 'onLeave'> {
  readonly start: (options: HostOptions) => Promise<RunningHost>;
  readonly output: Output;
  /** Says where it listens; without it, `output` does. */
  readonly announce?: (url: string) => void;
}

/** What is published here is what its author works on, or what the host was started with. */
const OWN_MACHINE = { allowBreaking: true };

/** What the terminal is told of cells. */
const TOLD = new Set(['crashed', 'evicted', 'held-back']);

export const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** A terminal and a parent process may each send the signal; a second one later than this, in ms, means it. */
export const SAME_SIGNAL = 500;

/**
 * Starts a host and lets `prepare` publish to it; then says where it listens, and shows its events until a signal
 * stops it. What `prepare` throws stops it too.
 */
export async function runSession(
  { start, output, announce, ...options }: SessionOptions,
  prepare: (session: Session) => Promise<void>,
): Promise<void> {
  // What is published first may write lines; they come after the line that says where the host listens.
  let held: HostEvent[] | null = [];
  const events = createEventWriter(output);
  const show = (event: HostEvent) => {
    if (held !== null) held.push(event);
    else if (output.json || event.type !== 'cell' || TOLD.has(event.change)) events.write(event);
  };
  const leave = { now: () => {} };
  const host = await start({ ...options, onEvent: show, onLeave: () => leave.now() });
  const signal = stopOnSignal(host, output);
  leave.now = signal.stop;
  try {
    const { url, token, tls } = host;
    await prepare({ url, client: createAdminClient({ url, token, said: OWN_MACHINE, ...(tls && { fetch: tls.fetch }) }) });
  } catch (error) {
    // A host that stops refuses what is still being published.
    if (signal.stopping()) return signal.stopped;
    await host.stop();
    throw error;
  }
  if (announce) announce(host.url);
  else {
    const { url, smtpUrl, tls } = host;
    output.result(
      { listening: url, ...(smtpUrl !== undefined && { smtp: smtpUrl }) },
      `Listening on ${url}${smtpUrl === undefined ? '' : `, and for mail on ${smtpUrl}`}`,
    );
    if (tls) output.note(certificateText(tls));
  }
  const first = held;
  held = null;
  first.forEach(show);
  return signal.stopped.finally(events.flush);
}

/** @throws {CliError} `usage` */
export function portOf(flag: string | undefined, fallback = '8787'): number {
  const text = flag ?? (process.env['PORT'] || fallback);
  if (/^\d{1,5}$/.test(text) && Number(text) < 65_536) return Number(text);
  throw usage(`The port ${JSON.stringify(text)} is not a number from 0 to 65535.`);
}

interface StopSignal {
  readonly stopped: Promise<void>;
  stopping(): boolean;
  /** As the first signal does. */
  stop(): void;
}

function stopOnSignal(host: RunningHost, output: Output): StopSignal {
  let since: number | null = null;
  let stop = () => {};
  const stopped = new Promise<void>((resolve, reject) => {
    stop = () => {
      if (since !== null) return;
      since = Date.now();
      output.note('Stopping; what runs may finish. Again: at once.');
      host.stop().then(() => {
        if (!host.clean()) process.exitCode = 1;
        resolve();
      }, reject);
    };
    const onSignal = () => {
      if (since !== null && Date.now() - since > SAME_SIGNAL) process.exit(1);
      stop();
    };
    for (const signal of SIGNALS) {
      // A library that a platform uses may have a listener that ends the process at once; `stop` does its work.
      process.removeAllListeners(signal);
      process.on(signal, onSignal);
    }
    const { tls } = host;
    if (tls) process.removeAllListeners('SIGHUP').on('SIGHUP', () => void tls.reread());
  });
  return { stopped, stopping: () => since !== null, stop: () => stop() };
}
