import { openApiOf, type DescribedComponent } from '../component/openapi/document.ts';
import { BrinkError } from '../errors.ts';
import { parseOpenApi } from '../openapi/read.ts';
import type { Module } from '../registry/artifact.ts';
import { OPENAPI_MODULE } from '../registry/openapi.ts';

/** What an artifact has for the OpenAPI document of a component's own functions. One that could not be kept is left out. */
export function componentOpenApi(component: DescribedComponent): Readonly<Record<string, Module>> {
  if (component.own.length === 0) return {};
  const bytes = new TextEncoder().encode(JSON.stringify(openApiOf(component)));
  try {
    parseOpenApi(bytes, OPENAPI_MODULE);
  } catch (error) {
    if (error instanceof BrinkError) return {};
    throw error;
  }
  return { [OPENAPI_MODULE]: { type: 'openapi', bytes } };
}
