import { createRoute, z } from '@hono/zod-openapi';
import { BrinkError } from '../errors.ts';
import { csvOf } from '../metering/csv.ts';
import { COLUMNS, COUNTED, type Column } from '../metering/report.ts';
import { HOUR } from '../metering/usage.ts';
import type { AdminDeps } from './deps.ts';
import { json, problems, type AdminApp } from './route.ts';

const CSV = 'text/csv';
const WHEN = /^\d{4}-\d{2}-\d{2}(T\d{2}(:00(:00(\.000)?)?Z?)?)?$/;

/** What was counted for bills. */
export function addUsage(app: AdminApp, { usage, now }: Pick<AdminDeps, 'usage' | 'now'>): void {
  app.openapi(readUsage, async (c) => {
    if (usage === null)
      throw new BrinkError('unsupported', 'This host counts no usage. Start it with `--metering`, or BRINK_METERING on Cloudflare.');
    const { function: name, from, to, by, format } = c.req.valid('query');
    const time = now();
    const between = {
      from: from === undefined ? monthOf(time) : timeOf('from', from),
      to: to === undefined ? time - (time % HOUR) + HOUR : timeOf('to', to),
    };
    if (between.from >= between.to) throw new BrinkError('bad-request', 'In the query, at to: it must be after from.');
    const columns = columnsOf(by);
    const rows = await usage({ ...between, by: columns, function: name });
    if (format === 'csv') return csv(csvOf([...columns, ...COUNTED], rows as object as Record<string, string>[]));
    return c.json({ from: new Date(between.from).toISOString(), to: new Date(between.to).toISOString(), usage: rows }, 200, {
      'cache-control': 'no-store',
    });
  });
}

export const UsageView = z
  .object({
    day: z.string().optional(),
    hour: z.string().optional(),
    function: z.string().optional(),
    version: z.int().optional(),
    alias: z.string().nullable().optional(),
    route: z.string().nullable().optional(),
    principal: z.string().nullable().optional(),
    trigger: z.string().optional(),
    invocations: z.int(),
    errors: z.int(),
    cpu_ms: z.number().nullable().openapi({ description: 'null where no engine knew it' }),
    gb_seconds: z.number().openapi({ description: "GB (1,024 MB) of the cell's memory limit × seconds until the handler settled" }),
    request_bytes: z.int(),
    response_bytes: z.int(),
  })
  .openapi('Usage');
export type UsageRowResult = z.infer<typeof UsageView>;

export const UsageList = z.object({ from: z.string(), to: z.string(), usage: z.array(UsageView) }).openapi('UsageList');
export type UsageListResult = z.infer<typeof UsageList>;

const readUsage = createRoute({
  method: 'get',
  path: '/usage',
  summary: 'What was counted for bills, by hours in UTC: from the first of the month, unless `from` says another time',
  request: {
    query: z.object({
      function: z.string().optional().openapi({ description: 'Only this function' }),
      from: z.string().optional().openapi({ description: 'A day or an hour in UTC', example: '2026-11-01' }),
      to: z
        .string()
        .optional()
        .openapi({ description: 'The first day or hour that does not count any more', example: '2026-12-01T00:00Z' }),
      by: z
        .string()
        .default('function')
        .openapi({ description: `Columns, with commas between: ${COLUMNS.join(', ')}` }),
      format: z.enum(['json', 'csv']).default('json'),
    }),
  },
  responses: { 200: json(UsageList, 'The sums; with `format=csv` as text/csv'), ...problems },
});

/** Hours are what is counted in: another time would give what happened before it too. */
function timeOf(name: string, text: string): number {
  const full = text.length === 10 ? `${text}T00` : text.slice(0, 13);
  const time = WHEN.test(text) ? Date.parse(`${full}:00Z`) : Number.NaN;
  if (!Number.isNaN(time) && new Date(time).toISOString().startsWith(full)) return time;
  throw new BrinkError(
    'bad-request',
    `In the query, at ${name}: ${JSON.stringify(text)} is no day and no full hour in UTC, such as 2026-11-25 or 2026-11-25T21:00Z.`,
  );
}

function columnsOf(text: string): Column[] {
  const wanted = text.split(',').filter((each) => each !== '');
  const wrong = wanted.find((each) => !COLUMNS.includes(each as Column));
  if (wrong === undefined) return COLUMNS.filter((column) => wanted.includes(column));
  throw new BrinkError('bad-request', `In the query, at by: there is no column ${JSON.stringify(wrong)}. There are ${COLUMNS.join(', ')}.`);
}

function monthOf(time: number): number {
  const date = new Date(time);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth());
}

/** The framework's types know only of JSON here. */
function csv(body: string): never {
  const headers = { 'content-type': `${CSV}; charset=utf-8; header=present`, 'cache-control': 'no-store' };
  return new Response(body, { headers }) as never;
}
