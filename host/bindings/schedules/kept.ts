import type { JsonValue } from '../../registry/manifest-json.ts';
import type { Misfire, Overlap } from '../../timing/rules.ts';
import type { Timing } from '../../timing/timing.ts';

/** A schedule as it lies in the store: one entry, so that each of its changes is one compare-and-set. */
export interface Kept {
  /** What a function cancels it by; the name of one that a manifest declares. */
  readonly id: string;
  /** Whether a manifest declares it; what a run gets along then is in the version that runs. */
  readonly declared: boolean;
  readonly timing: Timing;
  /** Ms that a due time may fire later. */
  readonly jitter: number;
  readonly overlap: Overlap;
  readonly misfire: Misfire;
  readonly payload?: JsonValue;
  /** The next due time that nobody has looked at yet; null where there is none. */
  readonly next: number | null;
  /** Due times that have come, and have not begun. */
  readonly waiting: readonly Due[];
  readonly running: readonly Running[];
}

export interface Due {
  readonly due: number;
  /** 1, and one more after each host that went away in the middle. */
  readonly attempt: number;
}

/** A due time that a host has claimed. */
export interface Running extends Due {
  readonly run: string;
  readonly started: number;
  /** The claim ends here, if the host does not renew it. */
  readonly until: number;
}

/** What became of a due time that did not run to its end; of several, the first. */
export interface Note extends Due {
  /** Of those that were missed together, the last. */
  readonly until?: number;
  readonly outcome: 'missed' | 'overlap' | 'crashed';
}

export interface Step {
  /** The value that was given, where nothing has changed. */
  readonly kept: Kept;
  readonly begun: readonly Running[];
  readonly notes: readonly Note[];
}
