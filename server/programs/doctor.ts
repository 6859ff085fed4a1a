// keyhold doctor: looks at everything that a server stands on, changes nothing, and says what to do.
import type { DoctorConfig } from '../config.ts'
import { lookAtDatabase } from '../doctor/database.ts'
import { lookAtDirectory } from '../doctor/directory.ts'
import { type Finding, lineOf } from '../doctor/finding.ts'
import { lookAtMachine, thisMachine } from '../doctor/machine.ts'
import { lookAtRunningServer } from '../doctor/running-server.ts'
import { lookAtTls } from '../doctor/tls.ts'

/** The exit code: 1 where anything is wrong. */
export async function doctor({ place, tls }: DoctorConfig, asJson: boolean): Promise<0 | 1> {
  const findings: readonly Finding[] = [
    ...lookAtMachine(thisMachine),
    ...lookAtDirectory(place),
    ...(await lookAtDatabase(place)),
    await lookAtRunningServer(place.directory),
    ...(tls === undefined ? [] : lookAtTls(tls, Date.now())),
  ]
  const bad = findings.filter(({ state }) => state === 'wrong').length
  const text = asJson
    ? JSON.stringify({ well: bad === 0, findings })
    : [...findings.map(lineOf), '', verdict(bad)].join('\n')
  process.stdout.write(`${text}\n`)
  return bad === 0 ? 0 : 1
}

function verdict(bad: number): string {
  return bad === 0 ? 'Nothing is wrong.' : `${bad} wrong: what to do stands behind each arrow.`
}
