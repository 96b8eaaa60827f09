import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { blocksOf } from './blocks.ts';
import { makeClone, type Clone } from './clone.ts';
import { Session } from './session.ts';

let clone: Clone;
let session: Session;
beforeEach(() => {
  clone = makeClone();
  session = new Session(clone, new Map([['left out', 'echo instead']]));
});
afterEach(async () => {
  await session.end();
  clone.remove();
});

async function read(document: string): Promise<void> {
  for (const block of blocksOf('x.md', document)) await session.do(block);
}

describe('a document', () => {
  it.each([
    ['commands and what they print', '```sh\necho a\necho b\n```\n```text\na\nb\n```\n'],
    ['a command that is refused, and why', '```sh fails\necho why >&2; exit 1\n```\n```text\nwhy\n```\n'],
    ['a line that is left out', '```sh\nleft out\n```\n```text\ninstead\n```\n'],
    ['a diagram', '```text diagram\na → b\n```\n'],
  ])('passes with %s', async (_what, document) => {
    await expect(read(document)).resolves.toBeUndefined();
  });

  it.each([
    ['a block of a language that is not known', '```python\n1\n```\n'],
    ['a block without a language', '```\nls\n```\n'],
    ['a word that is not known', '```sh someday\nls\n```\n'],
    ['a file without a name', '```ts\nexport {};\n```\n'],
    ['a command that fails', '```sh\nfalse\n```\n'],
    ['a command that fails before one that does not', '```sh\nfalse\ntrue\n```\n'],
    ['a command that was to be refused', '```sh fails\ntrue\n```\n'],
    ['other output', '```sh\necho a\n```\n```text\nb\n```\n'],
    ['more output', '```sh\necho a; echo b\n```\n```text\na\n```\n'],
    ['output of no command', '```text\na\n```\n'],
    ['a command that serves and ends', '```sh stays\ntrue\n```\n'],
  ])('fails with %s', async (_what, document) => {
    await expect(read(document)).rejects.toThrow();
  });

  it('makes files, which later blocks make anew', async () => {
    await read('```toml title=a/b.toml\na = 1\n```\n```toml title=a/b.toml\na = 2\n```\n');
    expect(readFileSync(join(clone.path, 'a/b.toml'), 'utf8')).toBe('a = 2\n');
  });

  it('means by port 8787 the host that was started last, until its section ends', async () => {
    const stays = (name: string, port: number) => `\`\`\`sh ${name}\necho Listening on http://127.0.0.1:${port}; sleep 30\n\`\`\`\n`;
    const asks = (port: number) => `\`\`\`sh\necho :8787 $BRINK_HOST | grep -q ':${port} http://127.0.0.1:${port}'\n\`\`\`\n`;
    await read(`# A\n${stays('host', 1111)}${asks(1111)}# B\n${stays('stays', 2222)}${asks(2222)}# C\n${asks(1111)}`);
  });
});
