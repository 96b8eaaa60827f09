/** `status-code` is `statusCode`, as jco has it; a word in capitals counts as any other. */
export function camelCase(label: string): string {
  const [first, ...rest] = label.toLowerCase().split('-');
  return first! + rest.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

/** The first two labels that are told apart by nothing in camel case; null where all are. */
export function sameInCamelCase(labels: readonly string[]): readonly [string, string] | null {
  const seen = new Map<string, string>();
  for (const label of labels) {
    const name = camelCase(label);
    const earlier = seen.get(name);
    if (earlier !== undefined) return [earlier, label];
    seen.set(name, label);
  }
  return null;
}

/** For messages. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, 8).join(', ');
  return names.length > 8 ? `${shown}, …` : shown;
}
