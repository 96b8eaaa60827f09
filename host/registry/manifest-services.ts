import { z } from 'zod';
import { bindingName, must, text } from './manifest-fields.ts';

/** An item of `services`. https://developers.cloudflare.com/workers/wrangler/configuration/#service-bindings */
export const service = z
  .strictObject(
    {
      binding: bindingName,
      service: text,
      alias: text.default('live'),
      entrypoint: text.regex(/^[A-Za-z_$][\w$]{0,127}$/, 'is not the name of an export; write that of a class, such as "Admin"').optional(),
      props: z.record(z.string(), z.unknown(), { error: must('be a table of values') }).optional(),
      resilience: z.boolean({ error: 'must be true or false' }).optional(),
      // wrangler's: an environment of its own is a function of its own here, and whether it reaches for Cloudflare's.
      environment: text
        .refine(() => false, 'names an environment; write the name of its function in service, such as "api-staging"')
        .optional(),
      remote: z.literal(false, { error: 'must be false: Workers on Cloudflare are not reached from here' }).optional(),
    },
    { error: must('be a table with binding and service') },
  )
  .transform(({ binding, service: name, alias, entrypoint, props, resilience }) => ({
    binding,
    service: name,
    alias,
    ...(entrypoint !== undefined && entrypoint !== 'default' && { entrypoint }),
    ...(props !== undefined && Object.keys(props).length > 0 && { props }),
    ...(resilience === true && { resilience }),
  }));

export const SERVICE_KEYS = ['binding', 'service', 'alias', 'entrypoint', 'props', 'resilience', 'environment', 'remote'] as const;
