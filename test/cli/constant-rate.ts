import { once } from 'node:events';
import { get, type Agent, type IncomingMessage } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { onTestFinished } from 'vitest';

export interface ConstantRate {
  readonly failures: readonly string[];
  /** In ms, of those that were answered with 200. */
  readonly durations: readonly number[];
  /** Waits for the answers to those that were sent. */
  stop(): Promise<void>;
}

/** So many requests a second, whether those before are answered or not; no longer than the test. @param agent false makes a connection for each */
export function constantRate(url: string, agent: Agent | false, rate: number): ConstantRate {
  const failures: string[] = [];
  const durations: number[] = [];
  let going = true;
  const one = async () => {
    const since = performance.now();
    for (;;) {
      const request = get(url, { agent });
      try {
        const [response] = (await once(request, 'response')) as [IncomingMessage];
        const text = (await response.toArray()).join('');
        if (response.statusCode === 200) durations.push(performance.now() - since);
        else failures.push(`${response.statusCode} ${text}`);
        return;
      } catch (error) {
        // A kept connection may be closed in the moment in which it is used: RFC 9112, section 9.3.1, and as Node's documentation has it.
        if (request.reusedSocket) continue;
        failures.push(String(error));
        return;
      }
    }
  };
  const finished = (async () => {
    const all: Promise<void>[] = [];
    const start = performance.now();
    for (let sent = 0; going; sent++) {
      await wait(Math.max(0, start + (sent * 1000) / rate - performance.now()));
      all.push(one());
    }
    await Promise.all(all);
  })();
  const stop = async () => {
    going = false;
    await finished;
  };
  onTestFinished(stop);
  return { failures, durations, stop };
}
