/** What is not asked of us, and why. One that nothing needs any more fails the run. */
export interface Exclusion {
  readonly file: string;
  /** Exports whose calls do not count; with neither these nor `failure`: the whole file. */
  readonly calls?: readonly string[];
  /** Failures that do not count. */
  readonly failure?: RegExp;
  readonly reason: string;
}

const THREADS = 'threads are refused at publish; where it is possible, functions of the same type stand in for theirs';
const HARMLESS = 'what breaks this rule of validity does no harm, and types are known here by what they are, not by their names';
const TEXT = 'a rule of the text format, which is not ours: the parser that we borrow for it refuses the text';
const IMPORTS = 'components and core modules cannot be imported: no host of functions could give them';

export const EXCLUSIONS: readonly Exclusion[] = [
  { file: 'async/during-sync-call-may-block-if-other-ready-threads.wast', reason: THREADS },
  { file: 'async/during-sync-call-no-exclusive-resume.wast', reason: THREADS },
  { file: 'async/during-sync-call-no-sibling-resume.wast', reason: THREADS },
  { file: 'binary/binary.wast', failure: /uses canon thread\./, reason: THREADS },
  { file: 'validation/indicies.wast', failure: /uses canon thread\./, reason: THREADS },
  { file: 'values/post-return.wast', calls: ['trap-calling-thread-index'], reason: THREADS },
  {
    file: 'async/trap-if-block-and-sync.wast',
    calls: ['trap-if-suspend', 'yield-then-resume-is-fine', 'suspend-then-resume-is-fine', 'resume-later-is-fine'],
    reason: THREADS,
  },
  {
    file: 'async/trap-if-sync-and-waitable-set.wast',
    calls: [
      'join-during-sync-future-read',
      'join-during-sync-future-write',
      'join-during-sync-stream-read',
      'join-during-sync-stream-write',
    ],
    reason: THREADS,
  },
  {
    file: 'async/sync-streams.wast',
    failure: /unreachable/,
    reason: 'the test has a second callback task begin while the first waits in a copy; the canonical ABI lets such tasks take turns',
  },
  {
    file: 'async/trap-on-reenter.wast',
    failure: /^no trap: .*cannot enter component instance/,
    reason: 'calls between a component and one inside of it trap "for now" in this file; the canonical ABI (`may_enter_from`) allows them',
  },
  {
    file: 'async/deadlock.wast',
    failure: /waits for ever/,
    reason: 'the deadline of the request ends a guest that waits for itself: whether the host may still wake it is not kept account of',
  },
  { file: 'validation/external-visibility.wast', failure: /not valid to be used as (im|ex)port/, reason: HARMLESS },
  { file: 'validation/annotated-names.wast', failure: /does not have a name in this context/, reason: HARMLESS },
  { file: 'validation/resources.wast', failure: /taken, though invalid: resource types are not the same/, reason: HARMLESS },
  { file: 'validation/attributes.wast', failure: /the text cannot be parsed/, reason: TEXT },
  { file: 'validation/outer-alias.wast', failure: /the text cannot be parsed/, reason: TEXT },
  { file: 'binary/binary.wast', failure: /uses a core module import/, reason: IMPORTS },
  { file: 'validation/core-modules.wast', failure: /uses a core module import/, reason: IMPORTS },
  {
    file: 'validation/core-modules.wast',
    failure: /taken, though invalid: type mismatch/,
    reason: 'the engine checks the code of core modules, and is not given one that nothing instantiates',
  },
  { file: 'validation/instantiation.wast', failure: /uses a (core module|component) import/, reason: IMPORTS },
];
