import { expect, it } from 'vitest';
import { csvOf } from '../../host/metering/csv.ts';

it.each([
  ['text', 'hello', 'hello'],
  ['a comma', 'a,b', '"a,b"'],
  ['quotes', 'a"b', '"a""b"'],
  ['a line break', 'a\r\nb', '"a\r\nb"'],
  ['nothing', null, ''],
  ['a number below zero', -1.5, '-1.5'],
  ['a formula', '=1+1', "'=1+1"],
  ['a formula with quotes', '@SUM("a")', `"'@SUM(""a"")"`],
  ['a formula behind a tab', '\t=1', "'\t=1"],
])('%s', (_what, value, cell) => {
  expect(csvOf(['a', 'b'], [{ a: 1, b: value }])).toBe(`a,b\r\n1,${cell}\r\n`);
});
