import { componentEmbed, componentNew } from '@bytecodealliance/jco';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { prepareComponent } from '../../../host/component/prepare.ts';
import { exportsOf } from '../../../host/component/serve/generation.ts';
import { BrinkError } from '../../../host/errors.ts';

/** What a component exports whose world has these items, of interfaces and types that stand before it. */
async function exported(items: string, interfaces = '') {
  const dir = await mkdtemp(join(tmpdir(), 'brink-wit-'));
  try {
    await writeFile(join(dir, 'world.wit'), `package acme:calc@1.2.0;\n${interfaces}\nworld guest {\n${items}\n}\n`);
    const core = await componentEmbed({ dummy: true, witPath: dir, world: 'guest' });
    return exportsOf(prepareComponent(new Uint8Array(await componentNew(core, [])), () => false).plan);
  } finally {
    await rm(dir, { recursive: true });
  }
}

describe('a component’s own functions', () => {
  it('are called at the own name of their interface', async () => {
    const { handlers, own } = await exported(
      'export ops; export run-all: func(); export extra: interface { more: func(); }',
      'interface ops { add: func(a: u32, b: u32) -> u32; mean-of: func(); }',
    );
    expect(handlers).toEqual({});
    expect(own.map(({ path }) => path).toSorted()).toEqual(['/extra/more', '/ops/add', '/ops/mean-of', '/run-all']);
  });

  it('are called at the whole name where two interfaces have one name', async () => {
    const { own } = await exported(
      'export ops; export other:pack/ops@2.0.0; export alone;',
      `interface ops { add: func(); } interface alone { go: func(); }
       package other:pack@2.0.0 { interface ops { add: func(); } }`,
    );
    expect(own.map(({ path }) => path).toSorted()).toEqual(['/acme:calc/ops@1.2.0/add', '/alone/go', '/other:pack/ops@2.0.0/add']);
  });

  it.each([
    ['resource thing { constructor(); }', /\[constructor\]thing of acme:calc\/ops@1.2.0, .*it belongs to a resource/],
    ['resource thing; use-it: func(it: borrow<thing>);', /use-it of .*its parameter it has a resource, which does not outlive a call/],
    ['resource thing; make: func() -> list<option<thing>>;', /make of .*its result has a resource/],
    ['read: func(bytes: stream<u8>);', /read of .*its parameter bytes has a stream, which JSON cannot hold/],
    ['later: func() -> tuple<u8, future<u8>>;', /later of .*its result has a future/],
    ['record r { a1: u8, a-1: u8 } take: func(r: r);', /take of .*its parameter r has a record whose a1 and a-1 are both a1 in JSON/],
    ['flags f { a1, a-1 } take: func(f: f);', /a flags whose a1 and a-1 are both a1/],
    ['take: func(a1: u8, a-1: u8);', /take of .*its parameters a1 and a-1 are both a1 in JSON/],
  ])('%s is refused', async (items, message) => {
    const refused = await exported('export ops;', `interface ops { ${items} }`).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(BrinkError);
    expect(refused).toMatchObject({ code: 'component-unsupported', message: expect.stringMatching(message) as string });
  });

  it('are none where only types are exported', async () => {
    await expect(exported('export ops;', 'interface ops { type small = u8; }')).rejects.toMatchObject({ code: 'component-unsupported' });
  });
});
