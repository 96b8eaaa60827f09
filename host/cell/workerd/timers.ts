type Timer = (callback: (...args: unknown[]) => unknown, delay?: number, ...args: unknown[]) => number;

/** workerd tells nobody in the isolate what a timer's callback throws: it is reported here, and thrown on. */
export function reportingTimer(timer: Timer, report: (error: unknown) => void): Timer {
  return (callback, delay, ...args) => {
    if (typeof callback !== 'function') return timer(callback, delay, ...args);
    const reporting = (...given: unknown[]) => {
      try {
        return callback(...given);
      } catch (error) {
        report(error);
        throw error;
      }
    };
    return timer(reporting, delay, ...args);
  };
}
