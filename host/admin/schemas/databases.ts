import { z } from '@hono/zod-openapi';

const SqlValue = z
  .union([z.string(), z.number(), z.null(), z.array(z.number())])
  .openapi('SqlValue', { description: 'Bytes are a list of numbers' });

export const QueriesBody = z
  .strictObject({
    queries: z
      .array(
        z.strictObject({
          sql: z.string(),
          params: z.array(SqlValue).optional().openapi({ description: 'Values of its parameters, by position' }),
        }),
      )
      .min(1)
      .max(10_000),
  })
  .openapi('Queries');

export const QueriesView = z
  .object({
    results: z.array(
      z.object({
        columns: z.array(z.string()),
        rows: z.array(z.array(SqlValue)),
        meta: z.looseObject({
          duration: z.number(),
          changes: z.number(),
          last_row_id: z.number(),
          rows_read: z.number(),
          rows_written: z.number(),
        }),
      }),
    ),
  })
  .openapi('QueryResults');

export type QueryBody = z.infer<typeof QueriesBody>['queries'][number];
export type QueryResult = z.infer<typeof QueriesView>['results'][number];
