import { createGateway } from '@gatewright/gateway'
import { streamingLambdaHandler } from '@gatewright/serverless'
import { config } from './config.js'

// `lambdaHandler` instead, where responses are not streamed.
export const handler = streamingLambdaHandler(createGateway({ ...config, trustedProxies: ['127.0.0.1'] }))
