/** Fields as Lambda gives them: by name, in any letter case. */
type Fields = Readonly<Record<string, string | undefined>>
type ManyFields = Readonly<Record<string, readonly string[] | undefined>>

/**
 * The parts that are read of an event: of function URLs and HTTP APIs (payload 2.0), of REST APIs (payload 1.0), and of
 * Application Load Balancers.
 */
export interface LambdaEvent {
  readonly version?: string
  readonly rawPath?: string
  readonly rawQueryString?: string
  readonly cookies?: readonly string[]
  readonly path?: string
  readonly httpMethod?: string
  readonly headers?: Fields | null
  readonly multiValueHeaders?: ManyFields | null
  readonly queryStringParameters?: Fields | null
  readonly multiValueQueryStringParameters?: ManyFields | null
  readonly body?: string | null
  readonly isBase64Encoded?: boolean
  readonly requestContext?: {
    readonly requestId?: string
    readonly elb?: object
    readonly http?: { readonly method?: string; readonly sourceIp?: string }
    readonly identity?: { readonly sourceIp?: string } | null
  }
}

/** What every result has. */
interface Result {
  readonly statusCode: number
  readonly body: string
  readonly isBase64Encoded: boolean
}

/** For function URLs and HTTP APIs. */
export interface HttpApiResult extends Result {
  readonly headers: Record<string, string>
  readonly cookies: readonly string[]
}

/** For REST APIs. */
export interface RestApiResult extends Result {
  readonly multiValueHeaders: Record<string, string[]>
}

/** For load balancers: one of both, as the target group is set. */
export interface AlbResult extends Result {
  readonly headers?: Record<string, string>
  readonly multiValueHeaders?: Record<string, string[]>
}

/** The response as a whole. */
export type LambdaResult = HttpApiResult | RestApiResult | AlbResult
