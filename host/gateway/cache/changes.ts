/** Tells those who wait that something has changed. */
export interface Changes {
  tell(): void;
  /** Resolves when something may have changed. */
  wait(): Promise<void>;
}

/** In ms. */
const FIRST_LOOK = 1;
const LAST_LOOK = 50;

/** @param apart whether requests cannot wait for each other's promises, as on workerd: then each looks for itself */
export function changes(apart: boolean): Changes {
  return apart ? looked() : told();
}

function told(): Changes {
  let next: PromiseWithResolvers<void> | undefined;
  return {
    tell() {
      next?.resolve();
      next = undefined;
    },
    wait: () => (next ??= Promise.withResolvers<void>()).promise,
  };
}

function looked(): Changes {
  let quiet = FIRST_LOOK;
  return {
    tell() {
      quiet = FIRST_LOOK;
    },
    wait() {
      quiet = Math.min(LAST_LOOK, quiet * 1.5);
      return new Promise((resolve) => setTimeout(resolve, quiet));
    },
  };
}
