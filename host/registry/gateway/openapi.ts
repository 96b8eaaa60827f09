import { z } from 'zod';

/** What of a function's OpenAPI document is served: itself, or a page for people that is made of it. */
export type OpenApiRule = 'document' | 'reference';

export const openapi = z.enum(['document', 'reference'], { error: 'must be "document" or "reference"' });
