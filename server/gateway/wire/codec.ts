// What every wire protocol does for one operation: request bytes → input, answer → response bytes.
import type { AwsError } from '../../contract/errors.ts'

/** A response, ready to be written. */
export type Reply = { readonly status: number; readonly contentType: string; readonly body: string }

export type Codec = {
  /** The input as a value; throws SerializationException where the body is not of the operation's shape. */
  read(body: Buffer): Record<string, unknown>
  output(output: object, requestId: string): Reply
  error(error: AwsError, requestId: string): Reply
}
