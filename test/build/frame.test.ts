import { expect, it } from 'vitest';
import { codeFrame } from '../../host/build/frame.ts';

const TEXT = 'one\ntwo\nthree\nfour\nfive\nsix\n';

it('shows two lines before and after, and marks the place', () => {
  expect(codeFrame(TEXT, 3, 2, 3)).toBe('  1 | one\n  2 | two\n> 3 | three\n    |  ^^^\n  4 | four\n  5 | five');
});

it('stops at both ends of the text', () => {
  expect(codeFrame(TEXT, 1, 1)).toBe('> 1 | one\n    | ^\n  2 | two\n  3 | three');
  expect(codeFrame(TEXT, 6, 3)).toBe('  4 | four\n  5 | five\n> 6 | six\n    |   ^');
});

it('can mark the end of the text, after its last line', () => {
  expect(codeFrame('a\n', 2, 1)).toBe('  1 | a\n> 2 |\n    | ^');
});

it('cuts a long line around the place, and keeps the mark under it', () => {
  const frame = codeFrame(`${'x'.repeat(5_000)}HERE${'y'.repeat(5_000)}`, 1, 5_001, 4);
  const [line, mark] = frame.split('\n');
  expect(line!.length).toBeLessThan(140);
  expect(line!.slice(mark!.indexOf('^'), mark!.lastIndexOf('^') + 1)).toBe('HERE');
});
