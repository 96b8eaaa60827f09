import { request, type RequestOptions } from 'node:http';

export interface SupervisorOptions {
  /** What it is asked. */
  readonly where: RequestOptions;
  /** How long a process that neither answers nor reads nor writes is only busy, in ms. */
  readonly patience: number;
  /** Says, by changing, that the process does read or write; null where that cannot be known, which takes more patience. */
  readonly activity: () => string | null;
  /** Called once; `resume` starts again. */
  readonly hung: () => void;
}

export interface Supervisor {
  resume(): void;
  /** Asks nothing until `resume`. */
  pause(): void;
  stop(): void;
}

const EVERY = 300;
const STEP = 100;
const BLIND = 4;

/**
 * Asks a host again and again whether it answers. workerd runs all functions in one thread, so one that never returns
 * holds up everyone, and signals too.
 */
export function supervise({ where, patience, activity, hung }: SupervisorOptions): Supervisor {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let giveUp = () => {};

  function ask(): void {
    let steps = 0;
    let last = activity();
    const pending = request({ ...where, agent: false }, (response) => {
      response.resume();
      settle(false);
    });
    pending.on('error', () => settle(false));
    pending.end();
    // Steps and no clock: while this process itself gets no time, none passes.
    const clock = setInterval(() => {
      const current = activity();
      // A large upload keeps the host busy for seconds, but not without reading and writing.
      steps = current === last ? steps + 1 : 0;
      last = current;
      if (steps * STEP >= (current === null ? patience * BLIND : patience)) settle(true);
    }, STEP).unref();

    let settled = false;
    giveUp = () => {
      settled = true;
      clearInterval(clock);
      pending.destroy();
    };
    function settle(late: boolean): void {
      if (settled) return;
      giveUp();
      if (stopped) return;
      if (late) hung();
      else timer = setTimeout(ask, EVERY).unref();
    }
  }

  timer = setTimeout(ask, EVERY).unref();
  return {
    pause() {
      clearTimeout(timer);
      giveUp();
    },
    resume() {
      clearTimeout(timer);
      giveUp();
      if (!stopped) timer = setTimeout(ask, EVERY).unref();
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
      giveUp();
    },
  };
}
