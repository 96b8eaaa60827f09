/**
 * What things cost, in ms and bytes. "Measured": by this project's benchmarks and prototypes, on 2 cores with Node 26.10;
 * ARCHITECTURE.md, "Measured", has the figures. The others are choices, and say so.
 */
export const COSTS = {
  /** CPU of a call in cell and host around the handler, where calls come in batches. Measured: 17.6 µs per request. */
  callCpu: 0.018,
  /** CPU until a cell takes its first call, from a blank thread that is already there. Measured: 7 to 11 ms. */
  startWarm: 10,
  /** The same where the thread is made first, and loads Request and Response. Measured: 10 ms, and 25 to 30 more. */
  startCold: 40,
  /** A blank thread is there again after so much CPU. Measured as above. */
  blankCpu: 30,
  /** Memory of a cell, and of a blank thread. Measured: about 12 MB. */
  cellBytes: 12 * 2 ** 20,
} as const;

/** How a simulated host is made. Choices: a small server of today. */
export const HOST = {
  cores: 8,
  /** For cells: more have to go. 85 of them. */
  budget: 2 ** 30,
  /** Blank threads that are kept. */
  blanks: 2,
} as const;
