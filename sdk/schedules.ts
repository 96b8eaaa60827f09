/**
 * Schedules that a function makes for itself while it runs: `[[schedules]] binding = "SCHEDULES"` puts it into `env`. They
 * call the `scheduled` handler of the same function, of the version that `live` names then. All versions of a function
 * share them, and they are gone with the function.
 *
 * What is in the manifest (`triggers.crons`, and items of `schedules` with `cron` or `every`) fires in the same way, and is
 * not among these.
 *
 * **Once.** A due time fires once, whatever the number of hosts. A host claims it in the store before it runs it; one
 * that crashes in the middle renews its claim no more, and ten seconds later the due time fires again, with
 * `controller.attempt` one higher. So a handler that has run to its end does not run again for that due time, one that was
 * cut off does: make it bear that, by `controller.id` and `controller.scheduledTime`. A handler that throws is not called
 * again.
 *
 * **Never early**, and as a rule some milliseconds late; how late each was shows `brink schedules runs`. At most 32 runs of
 * one function, and 64 of one host on Node, go on at the same time; further ones wait.
 *
 * **Kept.** `create` resolves once the schedule lies in the store: on Node it then survives `kill -9` and power loss, on
 * Cloudflare it is as durable as a Durable Object's storage. On Node a schedule is seen by `get` and `list` at once; on
 * Cloudflare too, since one object keeps all of a function's.
 *
 * @throws {Error} from each method, with `code` "unavailable", where the store cannot be reached
 */
export interface Schedules {
  /**
   * Makes a schedule, for a time (`at`), a cron expression (`cron`) or an interval (`every`): exactly one of them.
   *
   * @throws {TypeError} what is not as `ScheduleOptions` says; @throws {RangeError} a duration that is too short or too long, or a
   *   payload that is too large (`code` "too-large"); @throws {Error} `code` "conflict" where there is one of that id, `code` "limit"
   *   for the 10,001st of a function
   */
  create(options: ScheduleOptions): Promise<{ readonly id: string }>;

  /** The schedule, or null where there is none, or it is over. */
  get(id: string): Promise<Schedule | null>;

  /** Whether there was one. A run that has begun goes on; due times that wait do not run any more. */
  cancel(id: string): Promise<boolean>;

  /** All that are not over, in the order of their ids' UTF-8 bytes. */
  list(): Promise<Schedule[]>;
}

export interface ScheduleOptions {
  /** 1 to 128 characters; a random one by default. */
  readonly id?: string;
  /** Once, then: a `Date`, or milliseconds since the epoch. At once where that has passed. */
  readonly at?: Date | number;
  /**
   * Five fields as Workers takes them: minute, hour, day of month, month, day of week (1 is Sunday; `SUN` to `SAT` say it
   * clearer). https://developers.cloudflare.com/workers/configuration/cron-triggers/#supported-cron-expressions
   */
  readonly cron?: string;
  /**
   * The IANA time zone in which `cron` is read; UTC by default. Where clocks are set forward, an expression of one time a
   * day that falls into the gap fires at its end, and others leave the gap out. Where an hour comes twice, an expression of
   * one time a day fires the first time, and others fire in both.
   */
  readonly timezone?: string;
  /** Again and again, so far apart: milliseconds, or text such as "90s", "5m", "1h30m", "1d". A second at least, counted from now on without drift. */
  readonly every?: number | string;
  /**
   * Fires up to so much later, milliseconds or text as in `every`, a day at most, and never later than the next due time.
   * How much later is made of the id and the due time, so it spreads schedules, and is no surprise. None by default.
   */
  readonly jitter?: number | string;
  /**
   * What happens to a due time while a run of the same schedule goes on: "allow" runs both, "queue" has it wait (1,000 at
   * most), "skip" leaves it out. "allow" by default.
   */
  readonly overlap?: 'skip' | 'queue' | 'allow';
  /**
   * What happens to due times that no host was there for, found more than a minute late: "once" runs the newest of them,
   * "all" runs each (the newest 1,000), "skip" none. Where several were missed and the newest is less late, "skip" and "once" run
   * that one. "once" by default.
   */
  readonly misfire?: 'skip' | 'once' | 'all';
  /** What the handler finds as `controller.payload`: anything that JSON has, at most 64 KiB of it. */
  readonly payload?: unknown;
}

export interface Schedule {
  readonly id: string;
  /** Milliseconds since the epoch. Exactly one of `at`, `cron` and `every` is there. */
  readonly at?: number;
  readonly cron?: string;
  readonly timezone?: string;
  /** Milliseconds. */
  readonly every?: number;
  /** Milliseconds. */
  readonly jitter: number;
  readonly overlap: 'skip' | 'queue' | 'allow';
  readonly misfire: 'skip' | 'once' | 'all';
  readonly payload?: unknown;
  /** When it is due next, in milliseconds since the epoch, also where that has come and waits; null where nothing more is to come. */
  readonly next: number | null;
  /** How many of its runs go on. */
  readonly running: number;
  /** How many of its due times have come, and wait. */
  readonly waiting: number;
}
