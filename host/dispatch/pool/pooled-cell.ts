import type { Cell } from '../cell.ts';
import type { Candidate } from './policy.ts';
import { nextLatency } from './policy.ts';

/** Who has the cells of one version. */
export interface CellOwner {
  /** Whether its policy wants to know how long calls take. */
  readonly timed: boolean;
  /** So many more calls are under way in one of its cells, or fewer. */
  counted(pooled: PooledCell, by: number): void;
  /** A cell has become ready, drains or has stopped. */
  moved(pooled: PooledCell): void;
}

/** A cell as its pool knows it. What it counts is what the cell says; in between, what the cell was given. */
export class PooledCell implements Candidate {
  readonly cell: Cell;
  readonly owner: CellOwner;
  /** When it was made, in ms of the pool's clock. */
  readonly began: number;
  /** Bytes that it is accounted with. */
  bytes: number;
  /** Calls under way, and those that are about to begin. */
  inFlight = 0;
  latency = 0;
  /** When it was given a call last, by the pool's own count; 0 where it was given none. */
  used = 0;
  /** Whether its bytes are taken. */
  accounted = true;
  wasReady = false;
  /** Calls whose turn has come, and that have not begun. */
  #coming = 0;
  #state: Cell['state'];

  constructor(cell: Cell, owner: CellOwner, { bytes, began }: { readonly bytes: number; readonly began: number }) {
    this.cell = cell;
    this.owner = owner;
    this.began = began;
    this.bytes = bytes;
    this.#state = cell.state;
    this.wasReady = cell.state === 'ready';
    cell.watch(() => this.sync());
  }

  /** A call begins, before anything else happens. */
  begin(): void {
    this.inFlight++;
    this.owner.counted(this, 1);
  }

  /** The call that was said to begin does so a little later: when it has heard that its turn has come. */
  expectCall(): void {
    this.#coming++;
  }

  /** It begins now. */
  callComes(): void {
    this.#coming--;
  }

  /** A call that began then (`performance.now()`) has been answered. */
  answered(start: number): void {
    if (this.owner.timed) this.latency = nextLatency(this.latency, performance.now() - start);
  }

  /** Looks at the cell again. */
  sync(): void {
    // First, as no place that comes free in a cell that has stopped is one.
    const { state } = this.cell;
    if (state !== this.#state) {
      this.#state = state;
      if (state === 'ready') this.wasReady = true;
      this.owner.moved(this);
    }
    const by = this.cell.inFlight + this.#coming - this.inFlight;
    if (by === 0) return;
    this.inFlight += by;
    this.owner.counted(this, by);
  }

  /** Whether nobody would miss it now. */
  get idle(): boolean {
    return this.inFlight === 0 && this.cell.open === 0;
  }

  /** Whether it may be given calls. */
  get takes(): boolean {
    const { state } = this.cell;
    return state === 'ready' || state === 'starting';
  }

  get state(): Cell['state'] {
    return this.#state;
  }
}
