import { isAbsolute, relative, sep } from 'node:path';

/**
 * A path as an artifact tells it, the same on every machine: relative to the function's folder; of a package, from
 * its `node_modules` on, wherever that lies; of a file far away (no folder in common but the root), its last two parts.
 *
 * @param path relative to the function's folder
 */
export function stablePath(path: string): string {
  const posix = path.split(sep).join('/');
  const at = posix.lastIndexOf('node_modules/');
  if (at > 0) return posix.slice(at);
  return isAbsolute(path) ? posix.split('/').slice(-2).join('/') : posix;
}

/** The path of a file relative to a folder; absolute where the two have nothing in common. */
export function relativePath(dir: string, path: string): string {
  const to = relative(dir, path);
  const depth = dir.split(sep).filter(Boolean).length;
  const up = to.split(sep).filter((part) => part === '..').length;
  return up > 0 && up >= depth ? path : to;
}

/**
 * A bundle with stable paths in the two places where esbuild tells a file's path: the comment line before its code,
 * and the name of its wrapper function. Lines stay where they are, so the source map stays right.
 */
export function withStablePaths(code: string, inputs: readonly string[], stable: (path: string) => string): string {
  const changed = new Map(inputs.map((input) => [input, stable(input)] as const).filter(([from, to]) => from !== to));
  if (changed.size === 0) return code;
  return code
    .split('\n')
    .map((line) => {
      const [, commented = '', attributes = ''] = /^\/\/ (.*?)( with \{.*\})?$/.exec(line) ?? [];
      const comment = changed.get(commented);
      if (comment !== undefined) return `// ${comment}${attributes}`;
      const [, indent = '', quoted, rest] = /^(\s+)("(?:[^"\\]|\\.)*")(\(.*)$/.exec(line) ?? [];
      const wrapper = quoted === undefined ? undefined : changed.get(JSON.parse(quoted) as string);
      return wrapper === undefined ? line : `${indent}${JSON.stringify(wrapper)}${rest}`;
    })
    .join('\n');
}
