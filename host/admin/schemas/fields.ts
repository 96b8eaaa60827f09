import { z } from '@hono/zod-openapi';

/** What the shapes of the admin API have in common. Those check what comes in, make the OpenAPI document, and give the client its types. */

export const Name = z.string().openapi({ example: 'hello' });
export const Time = z.number().openapi({ description: 'Milliseconds since the epoch', example: 1767225600000 });
export const Url = z.string().openapi({ format: 'uri', example: 'http://127.0.0.1:8787/hello/' });
export const Digest = z.string().openapi({ description: 'SHA-256 of the artifact, 64 hex digits' });
export const VersionNumber = z.number().int().positive();
export const Texts = z.array(z.string());
