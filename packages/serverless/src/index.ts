export { type Host, hostOf } from './host.js'
export { type HostLimit, limitsOn } from './host-limits.js'
export type {
  AlbResult,
  HttpApiResult,
  LambdaEvent,
  LambdaResult,
  RestApiResult
} from './lambda/event-types.js'
export {
  type LambdaContext,
  type LambdaHandler,
  lambdaHandler,
  type StreamingLambdaHandler,
  streamingLambdaHandler
} from './lambda/handler.js'
export { tellLimits } from './tell-limits.js'
