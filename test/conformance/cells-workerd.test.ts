import { cellSuites } from './cells.ts';
import { openWorkerd } from './harness-workerd.ts';

cellSuites('workerd', openWorkerd);
