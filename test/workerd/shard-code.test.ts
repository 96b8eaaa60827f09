import { describe, expect, it } from 'vitest';
import { decodeCode, encodeCode } from '../../host/platforms/workerd/shard-code.ts';
import { headerText, WireStub } from '../../host/platforms/workerd/shard-wire.ts';

const REST = { compatibilityDate: '2026-01-01', compatibilityFlags: ['rpc'], mainModule: 'main.js' };
const bytes = (...values: number[]) => new Uint8Array(values).buffer;

describe('code on its way to another process', () => {
  it('arrives as it was, with modules of each type', () => {
    const code: WorkerCode = {
      ...REST,
      modules: {
        'main.js': { js: '\ufeffexport default "ä"' },
        'a.txt': { text: '' },
        'b.bin': { data: bytes(0, 255) },
        'c.json': { json: { c: [null, 'ü'] } },
        'd.wasm': { wasm: bytes(0, 97, 115, 109) },
      },
      env: { VAR: { deep: ['x'] }, limits: { memory_mb: 128, request_body_mb: Infinity } },
      globalOutbound: null,
    };
    expect(decodeCode(encodeCode(code).buffer)).toEqual({
      code: { ...REST, modules: code.modules, env: { VAR: { deep: ['x'] }, limits: { memory_mb: 128 } } },
      stubs: {},
      outbound: null,
    });
  });

  it('has what the host has put in as stubs, and nothing of a function is one', () => {
    const order = { kind: 'FunctionBinding', props: { kind: 'kv', scope: 'of another' } };
    const env = { FORGED: order, 'brink:log': new WireStub('LogSink', { function: 'a', version: 1 }) };
    const { code, stubs, outbound } = decodeCode(
      encodeCode({ ...REST, modules: {}, env, globalOutbound: new WireStub('network', null) }).buffer,
    );
    expect(code.env).toEqual({ FORGED: order });
    expect(stubs).toEqual({ 'brink:log': { kind: 'LogSink', props: { function: 'a', version: 1 } } });
    expect(outbound).toEqual({ kind: 'network', props: null });
  });
});

it('what a header carries is printable ASCII, whatever it says', () => {
  const value = { call: 'a\nb', name: 'größe 😀\u007f' };
  expect(headerText(value)).toMatch(/^[ -~]*$/);
  expect(JSON.parse(headerText(value))).toEqual(value);
});
