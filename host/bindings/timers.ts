/** What has something done later. Each gives what calls it off. */
export interface Timers {
  /** Once, in so many milliseconds. */
  after(ms: number, run: () => void): () => void;
  /** Every so many milliseconds. */
  every(ms: number, run: () => void): () => void;
}

/** The platform's own. */
export const PLATFORM_TIMERS: Timers = {
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  every(ms, run) {
    const timer = setInterval(run, ms);
    return () => clearInterval(timer);
  },
};
