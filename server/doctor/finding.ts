// What the doctor finds: one line about one thing, and what to do where it is not well.

export type Finding = {
  readonly subject: string
  /** `note`: worth knowing, and right for some; only `wrong` makes the doctor fail. */
  readonly state: 'ok' | 'note' | 'wrong'
  readonly told: string
  readonly remedy: string | undefined
}

export function ok(subject: string, told: string): Finding {
  return { subject, state: 'ok', told, remedy: undefined }
}

export function note(subject: string, told: string, remedy?: string): Finding {
  return { subject, state: 'note', told, remedy }
}

export function wrong(subject: string, told: string, remedy: string): Finding {
  return { subject, state: 'wrong', told, remedy }
}

const WIDTH = 18

/** One line: `wrong  data directory     what is so: what to do`. */
export function lineOf({ subject, state, told, remedy }: Finding): string {
  const line = `${state.padEnd(5)}  ${subject.padEnd(WIDTH)} ${told}${remedy ? ` → ${remedy}` : ''}`
  // What another program said may have lines of its own.
  return line.replaceAll(/\s*[\r\n]+\s*/g, ' ')
}
