/** How the parts of a TypeScript file are written. What comes from a document is a stranger's: it ends up in a literal or a comment, and never outside of one. */

/** Lines one level deeper in braces. */
export function block(lines: readonly string[]): string {
  if (lines.length === 0) return 'Record<string, never>';
  return `{\n${lines.map((line) => line.replaceAll(/^(?=.)/gm, '  ')).join('\n')}\n}`;
}

export function property(name: string, type: string, { optional = false }: { optional?: boolean } = {}): string {
  return `${key(name)}${optional ? '?' : ''}: ${type};`;
}

export function key(name: string): string {
  return /^(?:[A-Za-z_$][\w$]*|[1-9]\d{0,8})$/.test(name) && name !== '__proto__' ? name : literal(name);
}

/** A string, number, boolean or null as a type. */
export function literal(value: unknown): string {
  return (JSON.stringify(value) ?? 'unknown').replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}

/** A type that something may stand behind. */
export function grouped(type: string): string {
  return /[|&]/.test(type) ? `(${type})` : type;
}

export function union(types: readonly string[]): string {
  const each = [...new Set(types)].filter((type) => type !== 'never');
  if (each.length === 0) return 'never';
  return each.includes('unknown') ? 'unknown' : each.join(' | ');
}

export function intersection(types: readonly string[]): string {
  const each = [...new Set(types)].filter((type) => type !== 'unknown');
  return each.length === 0 ? 'unknown' : each.map((type) => (each.length > 1 && type.includes(' | ') ? grouped(type) : type)).join(' & ');
}

/** A comment above a line; empty where there is nothing to say. */
export function comment(tags: readonly (readonly [tag: string | null, text: string | null])[]): string {
  const lines = tags.flatMap(([tag, text]) => {
    if (text === null || (tag === null && text === '')) return [];
    return `${tag === null ? '' : `@${tag} `}${text}`
      .trim()
      .replaceAll('*/', '*\\/')
      .split(/\r\n|[\n\r\u2028\u2029]/);
  });
  if (lines.length === 0) return '';
  if (lines.length === 1) return `/** ${lines[0]} */\n`;
  return `/**\n${lines.map((line) => ` * ${line}`.trimEnd()).join('\n')}\n */\n`;
}
