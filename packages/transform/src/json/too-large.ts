/** A body, line or event is larger than it may be, before or after it is changed. */
export class JsonTooLargeError extends Error {}
