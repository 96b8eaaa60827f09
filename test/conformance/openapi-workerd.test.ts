import { openWorkerd } from './harness-workerd.ts';
import { openApiSuite } from './openapi-suite.ts';

openApiSuite(openWorkerd);
