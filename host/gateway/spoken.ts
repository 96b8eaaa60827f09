import { problemOf } from './problem.ts';
import { rpcError, rpcForm, type RpcRequest } from './rpc.ts';

/** A response as the client understands it: errors of the host are problem details, but for who calls procedures. */
export function spoken(response: Response, request: RpcRequest): Response {
  if (response.status < 400) return response;
  const error = problemOf(response);
  const form = error === null ? null : rpcForm(request);
  return form === null ? response : rpcError(error!, form, response);
}
