import type { HostInterface } from '../../host.ts';
import type { Factory } from '../settings.ts';
import { fields } from './fields.ts';
import { requestOptions } from './request-options.ts';
import { request } from './request.ts';
import { response } from './response.ts';

const all: HostInterface = { ...fields, ...request, ...requestOptions, ...response };

/** wasi:http/types of 0.3. */
export const types: Factory = () => all;
