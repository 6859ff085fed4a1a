// One HTTP exchange over a connection of its own, for what is not measured.
import { connect } from 'node:net'

export type Answer = {
  readonly status: number
  readonly contentType: string
  readonly body: string
}

const DEADLINE_MS = 5000

/** Sends the bytes of a request and reads the answer; throws where none comes. */
export function answerOf(port: number, request: Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = connect({ host: '127.0.0.1', port })
    socket.setTimeout(DEADLINE_MS, () => socket.destroy(new Error('no answer in time')))
    socket.on('connect', () => socket.write(request))
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('the connection was closed without an answer')))
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      const answer = readAnswer(text)
      if (answer === undefined) return
      resolve(answer)
      socket.destroy()
    })
  })
}

/** The answer, or nothing while a part of it is missing. */
function readAnswer(text: string): Answer | undefined {
  const bodyAt = text.indexOf('\r\n\r\n') + 4
  if (bodyAt === 3) return undefined
  const head = text.slice(0, bodyAt)
  const body = text.slice(bodyAt)
  if (body.length < Number(header(head, 'content-length'))) return undefined
  return {
    status: Number(head.slice(9, 12)),
    contentType: header(head, 'content-type') ?? '',
    body: Buffer.from(body, 'latin1').toString(),
  }
}

function header(head: string, name: string): string | undefined {
  return new RegExp(`^${name}: *(.*?)\\r$`, 'im').exec(head)?.[1]
}
