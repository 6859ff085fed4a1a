// Reads what `strace -f -o` wrote: system calls with the moments at which they began and ended.

export type SystemCall = {
  readonly name: string
  /** The file behind the descriptor, as it was opened, or nothing. */
  readonly path: string
  /** The flags it was opened with. */
  readonly flags: string
  /** The arguments, as strace shows them. */
  readonly text: string
  readonly returned: string
  /** Lines of the log: what began after another ended has the greater number. */
  readonly beganAt: number
  readonly endedAt: number
}

type File = { readonly path: string; readonly flags: string }

export function systemCalls(log: string): SystemCall[] {
  const calls: SystemCall[] = []
  const unfinished = new Map<string, { text: string; beganAt: number }>()
  const files = new Map<number, File>()

  function finish(text: string, beganAt: number, endedAt: number): void {
    const [, name, args, returned] = /^(\w+)\((.*)\)\s+= (-?\w+)/s.exec(text) ?? []
    if (name === undefined || args === undefined || returned === undefined) return
    if (name === 'openat') {
      const [, path, flags] = /"([^"]*)", ([A-Z_|]+)/.exec(args) ?? []
      if (path !== undefined && Number(returned) >= 0) {
        files.set(Number(returned), { path, flags: flags ?? '' })
      }
      return
    }
    const descriptor = Number.parseInt(args, 10)
    const file = files.get(descriptor) ?? { path: '', flags: '' }
    calls.push({ name, ...file, text: args, returned, beganAt, endedAt })
    // Its number may soon be that of a socket.
    if (name === 'close') files.delete(descriptor)
  }

  for (const [at, line] of log.split('\n').entries()) {
    const [, thread = '', text = ''] = /^(\d+)\s+(.*)$/s.exec(line) ?? []
    const [, name, rest] = /^<\.\.\. (\w+) resumed>(.*)$/s.exec(text) ?? []
    if (name !== undefined) {
      const began = unfinished.get(thread)
      unfinished.delete(thread)
      if (began) finish(began.text + rest, began.beganAt, at)
    } else if (text.endsWith('<unfinished ...>')) {
      unfinished.set(thread, { text: text.slice(0, -'<unfinished ...>'.length), beganAt: at })
    } else {
      finish(text, at, at)
    }
  }
  return calls
}
