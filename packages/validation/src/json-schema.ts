/** A JSON Schema as an object, such as one that TypeBox has made, or `true` and `false` for anything and nothing. */
export type JsonSchema = object | boolean
