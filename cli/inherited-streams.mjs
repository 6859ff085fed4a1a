// Which descriptors a program that we start gets: the standard streams, and those that the caller
// opened for it, such as `3< passphrase-file` with `--passphrase-fd 3`.
import { fstatSync } from 'node:fs'

const LAST_DESCRIPTOR = 9

/** The `stdio` option of spawn. */
export function inheritedStreams(args) {
  const streams = [0, 1, 2]
  const asked = args.findIndex((arg) => arg.startsWith('--passphrase-fd'))
  if (asked === -1) return streams
  const text = args[asked].split('=')[1] ?? args[asked + 1]
  const descriptor = Number(text)
  for (let next = 3; next <= Math.min(descriptor, LAST_DESCRIPTOR); next++) {
    streams.push(next === descriptor && isOpen(next) ? next : 'ignore')
  }
  return streams
}

function isOpen(descriptor) {
  try {
    fstatSync(descriptor)
    return true
  } catch {
    return false
  }
}
