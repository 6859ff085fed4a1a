// The clocks of this machine. Whoever needs the time of jobs gets it handed in; in production, this.
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { randomUuid } from '../../crypto/random.ts'
import type { ClockReading } from './clock-guard.ts'

const BOOT_ID = '/proc/sys/kernel/random/boot_id'

/**
 * Reads wall and steady clock. The steady clock is that of the boot (CLOCK_MONOTONIC), the same for all
 * processes of the machine. Where a boot has no name, each process is one of its own.
 */
export function machineClock(): () => ClockReading {
  const boot = `${hostname()}/${bootId()}`
  return () => ({
    wallMs: Date.now(),
    steadyMs: Number(process.hrtime.bigint() / 1_000_000n),
    boot,
  })
}

function bootId(): string {
  try {
    return readFileSync(BOOT_ID, 'utf8').trim()
  } catch {
    return randomUuid()
  }
}
