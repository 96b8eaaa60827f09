import { cellSuites } from './cells.ts';
import { limitSuite } from './cells-limits.ts';
import { openSharded } from './harness-workerd.ts';

// The host holds the limits. Behind the supervisor a client that sends a body which nobody reads may lose its answer.
cellSuites('workerd', openSharded, { without: [limitSuite] });
