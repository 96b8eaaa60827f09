/**
 * Whether a history of concurrent operations could have come from an object that does one after the other (Wing and Gong,
 * "Testing and verifying concurrent objects", 1993; with the memory of Lowe, "Testing for linearizability", 2017).
 */
export interface Operation<Input, Output> {
  readonly input: Input;
  /** What it gave; undefined where nobody knows, as of a client that was killed. */
  readonly output: Output | undefined;
  /** On one clock for all, as precise as their order matters. */
  readonly called: number;
  /** Infinity where it never returned: it may have been done at any time since, or not at all. */
  readonly returned: number;
}

export interface Model<State, Input, Output> {
  readonly initial: State;
  /** The state after the operation, or null where it could not have given that output. */
  step(state: State, input: Input, output: Output | undefined): State | null;
  /** The same for states that are alike. */
  keyOf(state: State): string;
}

export type Verdict = { readonly linearizable: true } | { readonly linearizable: false; readonly explained: number; readonly of: number };

interface Frame<State> {
  readonly state: State;
  readonly index: number;
}

/** Tries orders depth-first: of those operations that may come next, none begins after another has returned. */
export function checkHistory<State, Input, Output>(
  history: readonly Operation<Input, Output>[],
  model: Model<State, Input, Output>,
): Verdict {
  const operations = history.toSorted((a, b) => a.called - b.called);
  const done = operations.map(() => false);
  const seen = new Set<string>();
  const path: Frame<State>[] = [];
  const needed = operations.filter(({ returned }) => returned !== Infinity).length;
  let [count, explained, state, from] = [0, 0, model.initial, 0];
  for (;;) {
    if (count === needed) return { linearizable: true };
    const next = candidate(from);
    if (next !== null) {
      path.push({ state, index: next.index });
      done[next.index] = true;
      state = next.state;
      if (operations[next.index]!.returned !== Infinity) explained = Math.max(explained, ++count);
      from = 0;
      continue;
    }
    const last = path.pop();
    if (last === undefined) return { linearizable: false, explained, of: needed };
    done[last.index] = false;
    if (operations[last.index]!.returned !== Infinity) count--;
    state = last.state;
    from = last.index + 1;
  }

  /** The next operation from an index on that may be done in this state, and leads to where nobody has been. */
  function candidate(start: number): Frame<State> | null {
    let end = Infinity;
    for (const [index, { called, returned }] of operations.entries()) {
      if (done[index]) continue;
      if (called > end) break;
      end = Math.min(end, returned);
    }
    for (let index = start; index < operations.length && operations[index]!.called <= end; index++) {
      if (done[index]) continue;
      const { input, output } = operations[index]!;
      const after = model.step(state, input, output);
      if (after === null) continue;
      done[index] = true;
      const key = `${done.map(Number).join('')} ${model.keyOf(after)}`;
      done[index] = false;
      if (seen.has(key)) continue;
      seen.add(key);
      return { state: after, index };
    }
    return null;
  }
}

/** Gathers a history as it happens, in one process. */
export class Recorder<Input, Output> {
  readonly history: Operation<Input, Output>[] = [];
  #clock = 0;

  /** Runs an operation and notes it; what it throws is noted as having no end. */
  async run(input: Input, work: () => Promise<Output>): Promise<Output> {
    const called = ++this.#clock;
    try {
      const output = await work();
      this.history.push({ input, output, called, returned: ++this.#clock });
      return output;
    } catch (error) {
      this.history.push({ input, output: undefined, called, returned: Infinity });
      throw error;
    }
  }

  /** Notes what may happen from now on, or not. */
  maybe(input: Input): void {
    this.history.push({ input, output: undefined, called: ++this.#clock, returned: Infinity });
  }
}
