/** Functions of the same core type as those of threads, so that the rest of a component that has them can be run. */
const STAND_INS: Readonly<Record<string, string>> = {
  'thread.index': 'waitable-set.new',
  'thread.suspend': 'waitable-set.new',
  'thread.resume-later': 'subtask.drop',
  'thread.suspend-then-resume': 'subtask.cancel',
  'thread.yield-then-resume': 'subtask.cancel',
};

/** The text of a component with all functions of threads but `thread.yield` replaced. */
export function withoutThreads(text: string): string {
  let futures = 0;
  return text
    .replaceAll(/\(core func (\$\S+)\s*\(canon thread\.new-indirect \$\S+ \(core table \$\S+\)\)\)/g, (_, name: string) => {
      futures += 1;
      return `(type $stand-in-${futures} (future)) (canon future.read $stand-in-${futures} async (core func ${name}))`;
    })
    .replaceAll(/\bcanon (thread\.[a-z-]+)/g, (all, name: string) => {
      const other = STAND_INS[name];
      return other === undefined ? all : `canon ${other}`;
    });
}
