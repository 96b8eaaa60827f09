import { openWorkerd } from './harness-workerd.ts';
import { openApiChangesSuite } from './openapi-changes-suite.ts';

openApiChangesSuite(openWorkerd);
