import { expect, it } from 'vitest';
import type { Invocation } from '../../host/dispatch/cell.ts';
import { CpuMeters } from '../../host/platforms/node/cpu-meters.ts';

function call(began: number) {
  const told: number[] = [];
  return { began, told, invocation: { cpu: (ms: number) => void told.push(ms) } as unknown as Invocation };
}

it('CPU time is split over those that were under way, those that have ended among them', () => {
  const meters = new CpuMeters();
  const [a, b] = [call(0), call(0)];
  meters.begin(a);
  meters.begin(b);
  meters.look([b], { used: 60, ran: 2, now: 100 });
  meters.look([b], { used: 40, ran: 1, now: 150 });
  meters.look([], { used: 10, ran: 1, now: 200 });
  meters.look([], { used: 5, ran: 0, now: 250 });
  expect([a.told, b.told]).toEqual([[30], [30, 40, 10]]);
});

it('nobody is told of more than has passed since it began', () => {
  const meters = new CpuMeters();
  const late = call(995);
  meters.begin(late);
  meters.look([late], { used: 400, ran: 1, now: 1_000 });
  expect(late.told).toEqual([5]);
});

it('one whose time is not counted takes its share all the same', () => {
  const meters = new CpuMeters();
  const a = call(0);
  const free = { began: 0, invocation: {} as Invocation };
  meters.begin(a);
  meters.begin(free);
  meters.look([a, free], { used: 50, ran: 2, now: 100 });
  expect(a.told).toEqual([25]);
});
