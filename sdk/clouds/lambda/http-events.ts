import type { LambdaSettings } from '../settings.ts';
import { ACCOUNT, arn } from './environment.ts';
import { logTime, titleCase, type HttpParts } from './http-parts.ts';

const API_ID = 'brink';

/** The event that a front of AWS makes of a request. */
export function httpEvent({ event, multi_value_headers: multiValue }: LambdaSettings, parts: HttpParts): Record<string, unknown> {
  if (event === 'v1') return payload1(parts);
  return event === 'alb' ? albEvent(parts, multiValue) : payload2(parts);
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html, also of function URLs. */
function payload2(parts: HttpParts): Record<string, unknown> {
  const { request, url, headers, body, sourceIp, userAgent, time, requestId } = parts;
  const cookie = headers.get('cookie');
  const query = [...multi(url.searchParams)].map(([name, values]) => [name, values.join(',')]);
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    ...(cookie !== null && { cookies: cookie.split(/;\s*/) }),
    headers: Object.fromEntries([...headers].filter(([name]) => name !== 'cookie')),
    ...(query.length > 0 && { queryStringParameters: Object.fromEntries(query) as Record<string, string> }),
    requestContext: {
      accountId: ACCOUNT,
      apiId: API_ID,
      domainName: url.hostname,
      domainPrefix: url.hostname.split('.')[0],
      http: { method: request.method, path: url.pathname, protocol: 'HTTP/1.1', sourceIp, userAgent },
      requestId,
      routeKey: '$default',
      stage: '$default',
      time: logTime(time),
      timeEpoch: time,
    },
    ...(body !== null && { body: body.body }),
    isBase64Encoded: body?.isBase64Encoded ?? false,
  };
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html#api-gateway-simple-proxy-for-lambda-input-format */
function payload1(parts: HttpParts): Record<string, unknown> {
  const { request, url, headers, body, sourceIp, userAgent, time, requestId, fullPath } = parts;
  const lines = new Map([...headers].map(([name, value]) => [titleCase(name), [value]]));
  const query = multi(url.searchParams);
  const proxy = url.pathname.slice(1);
  return {
    resource: proxy === '' ? '/' : '/{proxy+}',
    path: url.pathname,
    httpMethod: request.method,
    headers: last(lines),
    multiValueHeaders: Object.fromEntries(lines),
    queryStringParameters: query.size === 0 ? null : last(query),
    multiValueQueryStringParameters: query.size === 0 ? null : Object.fromEntries(query),
    pathParameters: proxy === '' ? null : { proxy },
    stageVariables: null,
    requestContext: {
      resourceId: API_ID,
      resourcePath: proxy === '' ? '/' : '/{proxy+}',
      httpMethod: request.method,
      path: fullPath,
      accountId: ACCOUNT,
      apiId: API_ID,
      stage: 'prod',
      protocol: 'HTTP/1.1',
      requestId,
      extendedRequestId: requestId,
      requestTime: logTime(time),
      requestTimeEpoch: time,
      domainName: url.hostname,
      domainPrefix: url.hostname.split('.')[0],
      identity: { ...NOBODY, sourceIp, userAgent },
    },
    body: body?.body ?? null,
    isBase64Encoded: body?.isBase64Encoded ?? false,
  };
}

/** Nobody has been authenticated before the function. */
const NOBODY = {
  cognitoIdentityPoolId: null,
  cognitoIdentityId: null,
  apiKey: null,
  apiKeyId: null,
  principalOrgId: null,
  cognitoAuthenticationType: null,
  userArn: null,
  accountId: null,
  caller: null,
  accessKey: null,
  cognitoAuthenticationProvider: null,
  user: null,
  clientCert: null,
};

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html. It leaves the query in its coding. */
function albEvent({ request, url, headers, body }: HttpParts, multiValue: boolean): Record<string, unknown> {
  const lines = new Map([...headers].map(([name, value]) => [name, [value]]));
  const query = new Map<string, string[]>();
  for (const pair of url.search.slice(1).split('&').filter(Boolean)) {
    const [name = '', ...value] = pair.split('=');
    query.set(name, [...(query.get(name) ?? []), value.join('=')]);
  }
  return {
    requestContext: { elb: { targetGroupArn: arn('elasticloadbalancing', 'targetgroup/brink/0000000000000000') } },
    httpMethod: request.method,
    path: url.pathname,
    ...(multiValue
      ? { multiValueQueryStringParameters: Object.fromEntries(query), multiValueHeaders: Object.fromEntries(lines) }
      : { queryStringParameters: last(query), headers: last(lines) }),
    body: body?.body ?? '',
    isBase64Encoded: body?.isBase64Encoded ?? false,
  };
}

function multi(params: URLSearchParams): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const [name, value] of params) values.set(name, [...(values.get(name) ?? []), value]);
  return values;
}

function last(values: ReadonlyMap<string, readonly string[]>): Record<string, string> {
  return Object.fromEntries([...values].map(([name, all]) => [name, all.at(-1)!]));
}
