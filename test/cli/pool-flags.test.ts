import { afterEach, describe, expect, it } from 'vitest';
import { poolOf } from '../../host/cli/pool-flags.ts';

const MIB = 1024 ** 2;

describe('poolOf()', () => {
  afterEach(() => {
    for (const name of ['BRINK_MAX_MEMORY', 'BRINK_MAX_CALLS', 'BRINK_MAX_CELLS']) delete process.env[name];
  });

  it('takes sizes with and without a unit, and classes with their parts', () => {
    expect(
      poolOf({
        maxMemory: '2g',
        memoryClass: ['batch=512m', 'dedicated=1048576'],
        cpuClass: ['batch=0.5', 'shared=1'],
        maxCalls: '100',
        maxCells: '7',
      }),
    ).toEqual({
      memory: 2048 * MIB,
      classes: { batch: 512 * MIB, dedicated: MIB },
      cpu: { batch: 0.5, shared: 1 },
      calls: 100,
      cells: 7,
    });
    expect(poolOf({ maxMemory: '3 GiB'.replace(' ', '') }).memory).toBe(3072 * MIB);
  });

  it('leaves to the machine what neither a flag nor the environment says', () => {
    expect(poolOf({})).toEqual({ memory: undefined, classes: {}, cpu: {}, calls: undefined, cells: undefined });
    Object.assign(process.env, { BRINK_MAX_MEMORY: '512m', BRINK_MAX_CALLS: '5', BRINK_MAX_CELLS: '' });
    expect(poolOf({ maxCalls: '9' })).toMatchObject({ memory: 512 * MIB, calls: 9, cells: undefined });
  });

  it.each([
    [{ maxMemory: 'much' }, '--max-memory "much" is not a size: write 2g, 512m or bytes.'],
    [{ maxMemory: '0' }, '--max-memory "0" is not a size: write 2g, 512m or bytes.'],
    [{ maxCalls: '0' }, '--max-calls "0" is not a whole number of 1 or more.'],
    [{ maxCells: '1.5' }, '--max-cells "1.5" is not a whole number of 1 or more.'],
    [{ memoryClass: ['batch'] }, '--memory-class "batch" is not NAME=SIZE, as batch=512m is.'],
    [{ memoryClass: ['Batch=1g'] }, '--memory-class "Batch=1g" is not NAME=SIZE, as batch=512m is.'],
    [{ cpuClass: ['batch'] }, '--cpu-class "batch" is not NAME=CORES, as batch=0.5 and batch=2 are.'],
    [{ cpuClass: ['batch=0.00'] }, '--cpu-class "batch=0.00" is not NAME=CORES, as batch=0.5 and batch=2 are.'],
    [{ cpuClass: ['batch=0.001'] }, '--cpu-class "batch=0.001" is not NAME=CORES, as batch=0.5 and batch=2 are.'],
    [{ cpuClass: ['batch=half'] }, '--cpu-class "batch=half" is not NAME=CORES, as batch=0.5 and batch=2 are.'],
    [{ maxMemory: '1g', memoryClass: ['a=600m', 'b=600m'] }, 'The classes of --memory-class have more together than --max-memory.'],
  ])('refuses %j', (flags, message) => {
    expect(() => poolOf(flags)).toThrow(message);
  });
});
