import { z } from '@hono/zod-openapi';
import { Name, VersionNumber } from './fields.ts';

export const CellsView = z
  .object({
    function: Name,
    version: VersionNumber,
    class: z.string().openapi({ description: 'Whose memory and CPU time its cells take' }),
    ready: z.number().openapi({ description: 'Cells that take calls' }),
    starting: z.number(),
    warm: z.number().openapi({ description: 'Cells that it keeps though nothing calls it' }),
    calls: z.number().openapi({ description: 'Calls under way' }),
    waiting: z.number().openapi({ description: 'Calls that wait for a cell' }),
    shed: z.number().openapi({ description: 'Calls that were refused with `overloaded`' }),
    memory: z.number().openapi({ description: 'Bytes that its cells are accounted with' }),
  })
  .openapi('Cells');

export const ClassView = z
  .object({
    name: z.string(),
    cells: z.number(),
    calls: z.number().openapi({ description: 'Calls under way' }),
    waiting: z.number().openapi({ description: 'Calls that wait for a cell, or for CPU time' }),
    memory: z
      .object({ limit: z.number(), used: z.number() })
      .nullable()
      .openapi({ description: 'In bytes; null for a class that has no part of its own: its cells take what `shared` has' }),
    cpu: z
      .object({
        limit: z.number(),
        used: z.number().openapi({ description: 'Over the last seconds' }),
        heldBack: z.boolean().openapi({ description: 'Whether calls had to wait for CPU time within the last second' }),
      })
      .nullable()
      .openapi({ description: 'In cores; null for a class without a budget' }),
  })
  .openapi('CellClass');

export type CellsResult = z.infer<typeof CellsView>;
export type ClassResult = z.infer<typeof ClassView>;
