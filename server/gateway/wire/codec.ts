// What every wire protocol does for one operation: request bytes → input, answer → response bytes.
import { AwsError } from '../../contract/errors.ts'

/** A response, ready to be written. */
export type Reply = { readonly status: number; readonly contentType: string; readonly body: string }

export type Codec = {
  /** The input as a value; throws SerializationException where the body is not of the operation's shape. */
  read(body: Buffer): Record<string, unknown>
  output(output: object, requestId: string): Reply
  error(error: AwsError, requestId: string): Reply
}

/** The input, or the error of reading it: an authenticated call is recorded either way. */
export function readInput(codec: Codec, body: Buffer): Record<string, unknown> | AwsError {
  try {
    return codec.read(body)
  } catch (error) {
    if (error instanceof AwsError) return error
    throw error
  }
}
