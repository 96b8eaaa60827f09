/** Whether a process keeps up with its work. */
export interface Load {
  overloaded(): boolean;
  stop(): void;
}

/** How often it is looked, in ms. */
const EVERY = 200;
/** Whatever waits for the event loop for longer than this, in ms, waits too long. */
const LATE = 500;

/**
 * A timer that comes late says how long everything else has waited, too. The latest one counts for half as much with
 * each that is in time, so that a host does not come and go with every peak.
 */
export function watchLoad(): Load {
  let due = performance.now() + EVERY;
  let lateness = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    lateness = Math.max(now - due, lateness / 2);
    due = now + EVERY;
  }, EVERY).unref();
  return {
    // While the timer has not come yet, it is late as well.
    overloaded: () => Math.max(lateness, performance.now() - due) > LATE,
    stop: () => clearInterval(timer),
  };
}
