// The TLS files that a server would be started with.
import { statSync } from 'node:fs'
import { loadTls, type TlsFiles } from '../gateway/tls-files.ts'
import { type Finding, note, ok, wrong } from './finding.ts'

const DAY_MS = 86_400_000
const SOON_DAYS = 30
const URGENT_DAYS = 7

export function lookAtTls(files: TlsFiles, nowMs: number): readonly Finding[] {
  try {
    const { certificate } = loadTls(files)
    return [expiry(certificate, nowMs), keyMode(files.keyFile)]
  } catch (error) {
    return [wrong('certificate', (error as Error).message, 'a running server keeps its old one')]
  }
}

function expiry(
  {
    subject,
    notBeforeMs,
    notAfterMs,
  }: { subject: string; notBeforeMs: number; notAfterMs: number },
  nowMs: number,
): Finding {
  const date = new Date(notAfterMs).toISOString().slice(0, 10)
  const days = (notAfterMs - nowMs) / DAY_MS
  const told = `${subject}, until ${date}`
  const remedy = 'renew it: a running server takes the new one by itself'
  if (days <= 0) return wrong('certificate', `${subject}, expired on ${date}`, remedy)
  if (notBeforeMs > nowMs) return wrong('certificate', `${subject}, not valid yet`, 'set the clock')
  if (days < URGENT_DAYS) return wrong('certificate', told, remedy)
  return days < SOON_DAYS ? note('certificate', told, remedy) : ok('certificate', told)
}

function keyMode(file: string): Finding {
  return (statSync(file).mode & 0o007) === 0
    ? ok('TLS key', 'not for everybody to read')
    : wrong('TLS key', 'everybody can read it', `chmod o-rwx ${file}`)
}
