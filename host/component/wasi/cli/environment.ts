import type { Factory } from '../settings.ts';

export const environment2: Factory = (_world, { vars, args }) => {
  const variables = Object.entries(vars);
  return {
    'get-environment': () => variables,
    'get-arguments': () => args,
    'initial-cwd': () => undefined,
  };
};

export const environment3: Factory = (_world, { vars, args }) => {
  const variables = Object.entries(vars);
  return {
    'get-environment': () => variables,
    'get-arguments': () => args,
    'get-initial-cwd': () => undefined,
  };
};
