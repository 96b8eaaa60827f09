import type { ApiChangeResult, ApiComparisonResult } from '../admin/schemas/openapi.ts';
import type { Output } from './output.ts';

/** What a terminal shows of one move. */
const MAX_TOLD = 10;

/** Warns of what those who call notice of a move that was made. */
export function tellApiChanges(output: Output, name: string, comparisons: readonly ApiComparisonResult[] = []): void {
  for (const { from, to, changes } of comparisons) {
    output.note(`warning: for those who call, ${name}@${to} is not as ${name}@${from} was:\n${someText({ name, from, to, changes })}`);
  }
}

/** The first of them, one a line, and where the others are. */
export function someText({ name, from, to, changes }: ApiComparisonResult & { readonly name: string }): string {
  const lines = changes.slice(0, MAX_TOLD).map((change) => `  ${changeText(change)}`);
  const more = changes.length - lines.length;
  if (more > 0) lines.push(`  and ${more} more: brink diff ${name} --from ${from} --to ${to}`);
  return lines.join('\n');
}

export function changeText({ severity, method, path, message, rule }: ApiChangeResult): string {
  const place = [method, path].filter((each) => each !== null).join(' ');
  return `${severity}: ${place === '' ? '' : `${place}: `}${message} [${rule}]`;
}
