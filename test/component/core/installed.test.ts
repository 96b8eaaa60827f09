import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readUses } from '../../../host/component/core/code.ts';
import { readModule } from '../../../host/component/core/module.ts';
import { functionNames } from '../../../host/component/core/names.ts';
import { rewriteModule } from '../../../host/component/core/rewrite.ts';

const INSTALLED = 'node_modules/@bytecodealliance';

/** What Rust, C++ and wasm-tools make, as it comes with jco. */
const MODULES = ['jco/lib', 'jco-transpile/vendor']
  .map((folder) => join(INSTALLED, folder))
  .flatMap((folder) =>
    readdirSync(folder)
      .filter((file) => file.endsWith('.wasm'))
      .map((file) => join(folder, file)),
  );

describe('modules that are installed here', () => {
  it.each(MODULES)('%s', (file) => {
    const bytes = new Uint8Array(readFileSync(file));
    const module = readModule(bytes);
    expect(readUses(module).unknown).toBeNull();
    const { bytes: rewritten, reset, counted } = rewriteModule(bytes);
    expect(reset).not.toHaveProperty('impossible');
    expect(counted).toBe(true);
    expect(WebAssembly.validate(rewritten)).toBe(true);
    expect(functionNames(readModule(rewritten)).indices.length).toBe(functionNames(module).indices.length);
  });
});
