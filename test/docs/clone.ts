import { chmodSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import process from 'node:process';
import { ROOT } from './blocks.ts';
import { removeFolder } from '../remove-folder.ts';

/** A folder that a reader of the documents could be in: what a clone has, and nothing that earlier commands left. */
export interface Clone {
  readonly path: string;
  /** What commands in it see: this Node, this CLI, and nothing that the surroundings would tell a host or npm. */
  readonly env: Readonly<Record<string, string>>;
  write(file: string, text: string): void;
  remove(): void;
}

const LINKED = ['functions', 'host', 'node_modules', 'package.json', 'sdk', 'test', 'wrangler.toml'];

export function makeClone(): Clone {
  const top = mkdtempSync(join(tmpdir(), 'brink-docs-'));
  const path = join(top, 'brink');
  const tools = join(top, 'tools');
  mkdirSync(path);
  mkdirSync(tools);
  for (const name of LINKED) symlinkSync(join(ROOT, name), join(path, name));
  writeNpx(join(tools, 'npx'));
  return {
    path,
    env: { ...surroundings(), PATH: [tools, dirname(process.execPath), process.env['PATH']].join(delimiter), PORT: '0', NO_COLOR: '1' },
    write(file, text) {
      mkdirSync(dirname(join(path, file)), { recursive: true });
      writeFileSync(join(path, file), text);
    },
    remove: () => removeFolder(top),
  };
}

/** npx takes a second to find what it runs; that it finds it has a test of its own. */
function writeNpx(file: string): void {
  const lines = ['#!/bin/sh', '[ "$1" = brink ] || { echo "This npx runs brink alone, not $1." >&2; exit 127; }', 'shift'];
  writeFileSync(file, [...lines, `exec "${process.execPath}" "${join(ROOT, 'host/cli/bin.js')}" "$@"`, ''].join('\n'));
  chmodSync(file, 0o755);
}

function surroundings(): Record<string, string> {
  const own = Object.entries(process.env).filter(([name]) => !/^(?:npm_|BRINK_|VITEST|NODE_|PORT$|FORCE_COLOR$|COLOR$)/i.test(name));
  return Object.fromEntries(own) as Record<string, string>;
}
