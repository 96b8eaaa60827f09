import type {
  ALBEvent,
  APIGatewayEventIdentity,
  APIGatewayProxyEvent,
  APIGatewayProxyEventV2,
  DynamoDBRecord,
  EventBridgeEvent,
  S3EventRecord,
  SNSEventRecord,
  SNSMessage,
  SQSRecord,
  SQSRecordAttributes,
  StreamRecord,
} from 'aws-lambda';
import { OPEN } from './clouds-shapes.ts';

type RequiredKeys<Type> = { [Key in keyof Type]-?: object extends Pick<Type, Key> ? never : Key }[keyof Type];

/** The keys that the types of AWS's events have: those that must be there, and those that may. */
type KeysOf<Type> = { readonly [Key in keyof Type]?: unknown } & { readonly [Key in RequiredKeys<Type>]: unknown };

/**
 * The keys of AWS's events, written down from its documentation; a value stands for its type, null for any. Left out are keys
 * of what is not there: authorizers, stage variables, client certificates. The types of `@types/aws-lambda` have them too.
 */

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html, payload 2.0 */
export const HTTP_API = {
  version: '2.0',
  routeKey: '$default',
  rawPath: '/my/path',
  rawQueryString: 'parameter1=value1',
  cookies: ['cookie1'],
  headers: OPEN,
  queryStringParameters: OPEN,
  requestContext: {
    accountId: '123456789012',
    apiId: 'api-id',
    domainName: 'id.execute-api.us-east-1.amazonaws.com',
    domainPrefix: 'id',
    http: { method: 'POST', path: '/my/path', protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'agent' },
    requestId: 'id',
    routeKey: '$default',
    stage: '$default',
    time: '12/Mar/2020:19:03:58 +0000',
    timeEpoch: 1583348638390,
  },
  body: 'Hello from Lambda',
  isBase64Encoded: false,
} satisfies KeysOf<APIGatewayProxyEventV2> & { requestContext: KeysOf<APIGatewayProxyEventV2['requestContext']> };

/** The same page, payload 1.0, with the keys of an identity that REST APIs have. */
export const REST_API = {
  resource: '/my/path',
  path: '/my/path',
  httpMethod: 'GET',
  headers: OPEN,
  multiValueHeaders: OPEN,
  queryStringParameters: OPEN,
  multiValueQueryStringParameters: OPEN,
  requestContext: {
    accountId: '123456789012',
    apiId: 'id',
    domainName: 'id.execute-api.us-east-1.amazonaws.com',
    domainPrefix: 'id',
    extendedRequestId: 'request-id',
    httpMethod: 'GET',
    identity: {
      accessKey: null,
      accountId: null,
      apiKey: null,
      apiKeyId: null,
      caller: null,
      clientCert: null,
      cognitoAuthenticationProvider: null,
      cognitoAuthenticationType: null,
      cognitoIdentityId: null,
      cognitoIdentityPoolId: null,
      principalOrgId: null,
      sourceIp: '192.0.2.1',
      user: null,
      userAgent: 'user-agent',
      userArn: null,
    },
    path: '/my/path',
    protocol: 'HTTP/1.1',
    requestId: 'id=',
    requestTime: '04/Mar/2020:19:15:17 +0000',
    requestTimeEpoch: 1583349317135,
    resourceId: 'id',
    resourcePath: '/my/path',
    stage: '$default',
  },
  pathParameters: OPEN,
  stageVariables: null,
  body: 'Hello from Lambda!',
  isBase64Encoded: false,
} satisfies KeysOf<APIGatewayProxyEvent> & {
  requestContext: KeysOf<Omit<APIGatewayProxyEvent['requestContext'], 'authorizer'>> & { identity: KeysOf<APIGatewayEventIdentity> };
};

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html#receive-event-from-load-balancer */
export const ALB = {
  requestContext: { elb: { targetGroupArn: 'arn' } },
  httpMethod: 'GET',
  path: '/lambda',
  queryStringParameters: OPEN,
  headers: OPEN,
  body: '',
  isBase64Encoded: false,
} satisfies KeysOf<ALBEvent>;

/** https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html */
export const SQS = {
  Records: [
    {
      messageId: '059f36b4-87a3-44ab-83d2-661975830a7d',
      receiptHandle: 'AQEB',
      body: 'Test message.',
      attributes: {
        ApproximateReceiveCount: '1',
        SentTimestamp: '1545082649183',
        SenderId: 'AIDA',
        ApproximateFirstReceiveTimestamp: '1545082649185',
      },
      messageAttributes: OPEN,
      md5OfBody: 'e4e68fb7bd0e697a0ae8f1bb342846b3',
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:us-east-2:123456789012:my-queue',
      awsRegion: 'us-east-2',
    },
  ],
} satisfies { Records: (KeysOf<SQSRecord> & { attributes: KeysOf<SQSRecordAttributes> })[] };

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html */
export const S3 = {
  Records: [
    {
      eventVersion: '2.1',
      eventSource: 'aws:s3',
      awsRegion: 'us-east-2',
      eventTime: '2019-09-03T19:37:27.192Z',
      eventName: 'ObjectCreated:Put',
      userIdentity: { principalId: 'AWS' },
      requestParameters: { sourceIPAddress: '205.255.255.255' },
      responseElements: { 'x-amz-request-id': 'D82B', 'x-amz-id-2': 'vlR7' },
      s3: {
        s3SchemaVersion: '1.0',
        configurationId: '828aa6fc',
        bucket: { name: 'DOC-EXAMPLE-BUCKET', ownerIdentity: { principalId: 'A3I5' }, arn: 'arn:aws:s3:::lambda' },
        object: { key: 'b21b84d653bb07b05b1e6b33684dc11b', size: 1305107, eTag: 'b21b84d6', sequencer: '0C0F6F405D6ED209E1' },
      },
    },
  ],
} satisfies { Records: (KeysOf<S3EventRecord> & { s3: KeysOf<S3EventRecord['s3']> })[] };

/** https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html */
export const SNS = {
  Records: [
    {
      EventVersion: '1.0',
      EventSubscriptionArn: 'arn:aws:sns:us-east-1:123456789012:sns-lambda:21be56ed',
      EventSource: 'aws:sns',
      Sns: {
        SignatureVersion: '1',
        Timestamp: '2019-01-02T12:45:07.000Z',
        Signature: 'tcc6',
        SigningCertUrl: 'https://sns.us-east-1.amazonaws.com/SimpleNotificationService.pem',
        MessageId: '95df01b4-ee98-5cb9-9903-4c221d41eb5e',
        Message: 'Hello from SNS!',
        MessageAttributes: OPEN,
        Type: 'Notification',
        UnsubscribeUrl: 'https://sns.us-east-1.amazonaws.com/',
        TopicArn: 'arn:aws:sns:us-east-1:123456789012:sns-lambda',
        Subject: null,
      },
    },
  ],
} satisfies { Records: (KeysOf<SNSEventRecord> & { Sns: KeysOf<SNSMessage> })[] };

/** https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html */
export const DYNAMODB = {
  Records: [
    {
      eventID: '1',
      eventVersion: '1.0',
      dynamodb: {
        ApproximateCreationDateTime: 1479499740,
        Keys: OPEN,
        NewImage: OPEN,
        OldImage: OPEN,
        StreamViewType: 'NEW_AND_OLD_IMAGES',
        SequenceNumber: '111',
        SizeBytes: 26,
      },
      awsRegion: 'us-west-2',
      eventName: 'MODIFY',
      eventSourceARN: 'arn:aws:dynamodb:us-east-1:111122223333:table/EventSourceTable',
      eventSource: 'aws:dynamodb',
    },
  ],
} satisfies { Records: (KeysOf<DynamoDBRecord> & { dynamodb: KeysOf<StreamRecord> })[] };

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-run-lambda-schedule.html, the same keys as of other events */
export const EVENTBRIDGE = {
  version: '0',
  id: '53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa',
  'detail-type': 'Scheduled Event',
  source: 'aws.events',
  account: '123456789012',
  time: '2015-10-08T16:53:06Z',
  region: 'us-east-1',
  resources: ['arn:aws:events:us-east-1:123456789012:rule/my-scheduled-rule'],
  detail: OPEN,
} satisfies KeysOf<EventBridgeEvent<string, object>>;
