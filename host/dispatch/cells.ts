import { BootGuard, SHORT_LIFE, type BootGuardOptions } from './boot-guard.ts';
import type { Cell, Engine, LoadedVersion } from './cell.ts';

/** Above this number the cell that was used longest ago is drained. */
const MAX_CELLS = 64;

interface Held {
  readonly cell: Cell;
  readonly function: string;
  readonly secretsRevision: number;
  /** When it was made, in milliseconds since the epoch. */
  readonly began: number;
  /** Cells before it have ended soon after their start. */
  doubtful: boolean;
  used: number;
}

/** One cell for each version in use. A cell that has stopped, or knows older secrets, is replaced at the next call. */
export class Cells {
  readonly #engine: Engine;
  readonly #guard: BootGuard;
  readonly #now: () => number;
  readonly #held = new Map<string, Held>();
  #clock = 0;

  constructor(engine: Engine, { events, now }: BootGuardOptions) {
    this.#engine = engine;
    this.#guard = new BootGuard({ events, now });
    this.#now = now;
  }

  /** @throws {BrinkError} `boot-loop` */
  of(version: LoadedVersion): Cell {
    const { artifact, function: name, secretsRevision } = version;
    let held = this.#held.get(artifact);
    if (held !== undefined && held.secretsRevision < secretsRevision) {
      this.#drain(artifact, held);
      held = undefined;
    }
    if (held !== undefined && (held.cell.state === 'ready' || held.cell.state === 'starting')) {
      held.used = ++this.#clock;
      if (held.doubtful) held.doubtful = this.#stillDoubtful(version, held);
      return held.cell;
    }
    if (held?.cell.state === 'stopped') this.#ended(version, held);
    this.#guard.admit(version);
    const cell = this.#engine.cell(version);
    const doubtful = this.#guard.doubts(version);
    this.#held.set(artifact, { cell, function: name, secretsRevision, began: this.#now(), doubtful, used: ++this.#clock });
    if (this.#held.size > MAX_CELLS) this.#evict();
    return cell;
  }

  /** Drains the cells of a function whose versions are not among `artifacts` any more, and those with older secrets. */
  keepOnly(name: string, artifacts: ReadonlySet<string>, secretsRevision = 0): void {
    for (const [artifact, held] of this.#held) {
      if (held.function !== name) continue;
      if (!artifacts.has(artifact) || held.secretsRevision < secretsRevision) this.#drain(artifact, held);
      if (!artifacts.has(artifact)) this.#guard.forget(artifact);
    }
  }

  /** Lets every cell finish what it runs. */
  async drain(): Promise<void> {
    const cells = [...this.#held.values()];
    this.#held.clear();
    await Promise.all(cells.map(({ cell }) => cell.drain()));
  }

  /** It has ended by itself: those that are drained are not held any more. */
  #ended(version: LoadedVersion, held: Held): void {
    this.#held.delete(version.artifact);
    this.#guard.ended(version, held.began);
  }

  #stillDoubtful(version: LoadedVersion, { began }: Held): boolean {
    if (this.#now() - began < SHORT_LIFE) return true;
    this.#guard.lives(version);
    return false;
  }

  #evict(): void {
    let oldest: [string, Held] | undefined;
    for (const entry of this.#held) if (oldest === undefined || entry[1].used < oldest[1].used) oldest = entry;
    if (oldest) this.#drain(...oldest);
  }

  #drain(artifact: string, held: Held): void {
    this.#held.delete(artifact);
    held.cell.drain().catch(() => {});
  }
}
