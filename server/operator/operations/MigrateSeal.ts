// keyhold seal migrate, keyhold seal rekey: the same root key under another seal. Made before the
// transaction, since a passphrase takes its time.
import { length, range } from '../../schema/limits.ts'
import { ownSchema } from '../../schema/own-shape.ts'
import { MAX_PASSPHRASE_BYTES, MIN_PASSPHRASE_BYTES } from '../../seal/passphrase-seal.ts'
import { InvalidSealException } from '../errors.ts'
import { setOf } from '../installed-seal.ts'
import { type OperatorChange, onInstallation, operatorDemand } from '../operation.ts'
import type { NewSeal, SealChoice } from '../seal-control.ts'

type MigrateSealRequest = {
  Kind: string
  Passphrase?: string | undefined
  Shares?: number | undefined
  Threshold?: number | undefined
}
type MigrateSealResponse = {
  Kind: string
  Shares: readonly string[]
  /** Names the shares, for ConfirmSeal: until then the seal that was there counts. */
  Set?: string | undefined
}

export const MigrateSeal: OperatorChange<MigrateSealRequest, MigrateSealResponse, NewSeal> = {
  ...onInstallation,
  schema: ownSchema<MigrateSealRequest, MigrateSealResponse>(
    'MigrateSeal',
    { Kind: 'string!', Passphrase: 'string? secret', Shares: 'number?', Threshold: 'number?' },
    { Kind: 'string!', Shares: 'strings! secret', Set: 'string?' },
  ),
  limits: {
    Passphrase: length(1, MAX_PASSPHRASE_BYTES),
    Shares: range(2, 255),
    Threshold: range(2, 255),
  },
  errors: [InvalidSealException],
  demands: (_target, _input, call) => operatorDemand('MigrateSeal', call),
  audit: { readOnly: false, show: ['Kind', 'Shares', 'Threshold'], showOutput: ['Kind', 'Set'] },
  prepare: (input, _target, call) => call.stores.seal.make(readChoice(input)),
  async apply(seal, _tx, call) {
    const set = setOf(seal)
    // Shares that nobody was told would be a lost root key: told first, put in place when confirmed.
    if (set !== undefined) call.stores.seal.hold(seal)
    // The last thing before the commit: where it fails nothing is recorded as done.
    else await call.stores.seal.put(seal)
    return { Kind: seal.kind, Shares: seal.shares, Set: set }
  },
}

function readChoice({ Kind, Passphrase, Shares, Threshold }: MigrateSealRequest): SealChoice {
  if (Kind === 'file') return { kind: 'file' }
  if (Kind === 'passphrase') {
    const passphrase = Buffer.from(Passphrase ?? '')
    if (passphrase.length < MIN_PASSPHRASE_BYTES) {
      passphrase.fill(0)
      throw new InvalidSealException(
        `A passphrase has at least ${MIN_PASSPHRASE_BYTES} characters; six random words are good.`,
      )
    }
    return { kind: 'passphrase', passphrase }
  }
  if (Kind !== 'shares') {
    throw new InvalidSealException(`There is no seal '${Kind}': choose file, passphrase or shares.`)
  }
  const shares = Shares ?? 5
  const threshold = Threshold ?? 3
  if (threshold > shares) {
    throw new InvalidSealException('The threshold is not larger than the number of shares.')
  }
  return { kind: 'shares', shares, threshold }
}
