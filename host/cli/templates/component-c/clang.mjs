// Runs clang with its arguments, on what lies in src/ and build/. This clang comes from npm and is WebAssembly itself.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { Exit, runClang } from '@yowasp/clang';

const files = { src: await contents('src'), build: await contents('build') };
try {
  const { build } = await runClang(['clang', ...process.argv.slice(2)], files);
  for (const [name, bytes] of Object.entries(build)) if (!(name in files.build)) await writeFile(`build/${name}`, bytes);
} catch (error) {
  // What was wrong has been said.
  if (!(error instanceof Exit)) throw error;
  process.exitCode = error.code;
}

async function contents(folder) {
  const names = await readdir(folder);
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, new Uint8Array(await readFile(`${folder}/${name}`))])));
}
