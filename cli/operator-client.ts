// Commands to a running server, through its operator socket.
import { request } from 'node:http'
import { resolve } from 'node:path'

/** The server's answer to a command, or why there is none; told without a stack. */
export class CommandError extends Error {}

/** Calls one operation of the operator on the server of this directory. */
export function callOperator(
  directory: string,
  operation: string,
  input: object,
): Promise<Record<string, unknown>> {
  const socketPath = resolve(directory, 'operator.sock')
  const body = JSON.stringify(input)
  return new Promise((fulfil, reject) => {
    const lost = () =>
      reject(
        new CommandError(
          'The server ended before it answered, so the command may have taken effect or not: start the server again, and look.',
        ),
      )
    const outgoing = request(
      {
        socketPath,
        method: 'POST',
        headers: {
          'x-amz-target': `KeyholdOperator.${operation}`,
          'content-type': 'application/x-amz-json-1.1',
          'content-length': Buffer.byteLength(body),
          'user-agent': 'keyhold',
        },
      },
      (incoming) => {
        const chunks: Buffer[] = []
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
        incoming.on('error', lost)
        incoming.on('end', () => {
          const answer = readAnswer(Buffer.concat(chunks).toString())
          if (incoming.statusCode === 200) fulfil(answer)
          else reject(new CommandError(String(answer.message ?? answer.__type ?? 'no answer')))
        })
      },
    )
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET' || error.code === 'EPIPE') return lost()
      const why =
        error.code === 'EACCES'
          ? `You may not open ${socketPath}: run this as the user that the server runs as.`
          : `No server answers on ${socketPath} (${error.code}). Start it with keyhold serve, or name its directory with --data.`
      reject(new CommandError(why))
    })
    outgoing.end(body)
  })
}

function readAnswer(text: string): Record<string, unknown> {
  try {
    return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
  } catch {
    return { message: 'The server gave no readable answer.' }
  }
}
