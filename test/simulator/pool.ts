import { Autoscaler } from '../../host/dispatch/pool/autoscaler.ts';
import type { EvictableOwner } from '../../host/dispatch/pool/evict.ts';
import { createPolicy, type Policy } from '../../host/dispatch/pool/policy.ts';
import type { Call, Caller } from './call.ts';
import { SimulatedCell } from './cell.ts';
import type { Due } from './events.ts';
import type { SimulatedHost } from './host.ts';
import type { Random } from './random.ts';

/** The autoscaler is asked so often while there are calls, in ms. */
const EVALUATE = 250;

/** The cells of one function on one host. */
export class SimulatedPool implements Caller, Due, EvictableOwner {
  readonly #host: SimulatedHost;
  readonly #policy: Policy;
  readonly #scaler: Autoscaler;
  /** Those that are ready, which take calls. */
  readonly #ready: SimulatedCell[] = [];
  /** Of those, the ones that have room: for one choice. */
  readonly #room: SimulatedCell[] = [];
  /** Cells that it has started so far. */
  begun = 0;
  #waiting: Call[] = [];
  #starting = 0;
  /** Calls that wait or are under way. */
  #calls = 0;
  #due = Infinity;

  constructor(host: SimulatedHost, random: Random) {
    this.#host = host;
    this.#policy = createPolicy(host.settings.policy, random);
    this.#scaler = new Autoscaler(host.settings.scaling);
  }

  get cells(): number {
    return this.#ready.length + this.#starting;
  }

  get min(): number {
    return this.#host.settings.scaling.min;
  }

  take(call: Call, now: number): void {
    this.#scaler.record(now, ++this.#calls);
    const cell = this.#choose();
    if (cell !== undefined) cell.take(call, now);
    else if (!this.#wait(call, now)) return;
    this.#evaluateAt(now + EVALUATE);
  }

  ended(call: Call, now: number): void {
    const cell = call.cell!;
    cell.give(call, now);
    this.#scaler.record(now, --this.#calls);
    this.#host.measure.answered(call, now);
    if (cell.state === 'draining') {
      if (cell.inFlight === 0) this.#host.stop(cell);
      return;
    }
    this.#next(cell, now);
    if (cell.inFlight === 0) this.#host.idle();
  }

  started(cell: SimulatedCell, now: number): void {
    this.#starting--;
    this.#ready.push(cell);
    while (this.#waiting.length > 0 && cell.inFlight < this.#host.settings.concurrency) this.#next(cell, now);
  }

  /** A call has waited for as long as it may. */
  tooLong(call: Call, now: number): void {
    const index = this.#waiting.indexOf(call);
    if (index < 0) return;
    this.#waiting.splice(index, 1);
    this.#shed(now);
  }

  /** One of its cells goes, which is idle. */
  evicted(cell: SimulatedCell): void {
    this.#ready.splice(this.#ready.indexOf(cell), 1);
  }

  /** Asks the autoscaler. */
  happen(now: number): void {
    if (now < this.#due) return;
    this.#due = Infinity;
    const wanted = this.#scaler.desired(now, this.cells);
    while (this.cells < wanted && this.#start(now)) continue;
    while (this.#ready.length > 0 && this.cells > wanted) this.#drain();
    if (this.#calls > 0 || this.cells > Math.max(1, this.min)) this.#evaluateAt(now + EVALUATE);
    else if (this.cells > this.min) this.#evaluateAt(this.#scaler.next(now));
  }

  /** Memory has come free, for which it waited. */
  retry(now: number): void {
    if (this.#waiting.length > 0 && this.cells === 0) this.#start(now);
  }

  #choose(): SimulatedCell | undefined {
    const { concurrency } = this.#host.settings;
    const room = this.#room;
    room.length = 0;
    for (const cell of this.#ready) if (cell.inFlight < concurrency) room.push(cell);
    return room.length === 0 ? undefined : room[this.#policy.pick(room)]!;
  }

  #wait(call: Call, now: number): boolean {
    const { limit, patience } = this.#host.settings.queue;
    if (this.#waiting.length >= limit) {
      this.#shed(now);
      return false;
    }
    call.cold = this.#ready.length === 0;
    this.#waiting.push(call);
    this.#host.events.at(now + patience, { happen: (late) => this.tooLong(call, late) });
    if (this.cells === 0) this.#start(now);
    return true;
  }

  #shed(now: number): void {
    this.#scaler.record(now, --this.#calls);
    this.#host.measure.shed(now);
  }

  #next(cell: SimulatedCell, now: number): void {
    const call = this.#waiting.shift();
    if (call !== undefined) cell.take(call, now);
  }

  #start(now: number): boolean {
    const cell = this.#host.start(this, now);
    if (cell) this.#starting++;
    return cell;
  }

  /** The one with the fewest calls. */
  #drain(): void {
    let least = this.#ready[0]!;
    for (const cell of this.#ready) if (cell.inFlight < least.inFlight) least = cell;
    this.evicted(least);
    least.state = 'draining';
    if (least.inFlight === 0) this.#host.stop(least);
  }

  #evaluateAt(time: number): void {
    if (time >= this.#due) return;
    this.#due = time;
    this.#host.events.at(time, this);
  }
}
