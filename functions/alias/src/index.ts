import type { ExportedHandler, Service } from '../../../sdk/index.ts';

interface Env {
  readonly FUNCTION_A: Service;
}

/** Another name for what function-a is now: moving that alias is all that it takes to make it something else. */
export default {
  fetch(request, { FUNCTION_A }) {
    return FUNCTION_A.fetch(request);
  },
} satisfies ExportedHandler<Env>;
