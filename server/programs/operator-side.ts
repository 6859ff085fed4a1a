// The operator's side of a server: it lives in the primary process, which serves nobody else. What it
// needs to record (a chain of its own) is opened with the first command.
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { ServeConfig } from '../config.ts'
import { AwsError } from '../contract/errors.ts'
import { openOperatorGateway } from '../gateway/operator-gateway.ts'
import { requireRootKey } from '../installation.ts'
import { SealedException, UnsealFailedException } from '../operator/errors.ts'
import { installedSeal } from '../operator/installed-seal.ts'
import { openedSeal } from '../operator/opened-seal.ts'
import { OPERATOR_ACCOUNT, operatorCaller } from '../operator/operation.ts'
import { sealStatus } from '../operator/operations/seal-status.ts'
import type { UnsealRequest } from '../operator/operations/Unseal.ts'
import {
  type RootKeyHolders,
  type RootKeyRotation,
  rootKeyRotation,
} from '../operator/root-key-rotation.ts'
import { operatorService } from '../operator/service.ts'
import { createInvoke, type Invoke } from '../pipeline/invoke.ts'
import { permissiveQuotas, silentMeter } from '../pipeline/permissive.ts'
import { plan } from '../pipeline/plan.ts'
import { fencedStorage } from '../root-key-fence-store.ts'
import { watchRootKey } from '../root-key-watch.ts'
import { rootKeyRing } from '../seal/root-key-ring.ts'
import { UnsealError, type Unsealing } from '../seal/unsealing.ts'
import { startTrail } from '../services/cloudtrail/service.ts'
import type { Trail } from '../services/cloudtrail/trail.ts'
import { openIdentities } from '../services/iam/identities.ts'
import type { Storage } from '../storage/storage.ts'

export type OperatorSideParts = {
  readonly config: ServeConfig
  readonly storage: Storage
  readonly unsealing: Unsealing
  readonly log: Logger
  /** The processes that serve, for a new root key. */
  readonly holders: RootKeyHolders
}

/** Opens the operator socket; what it returns closes it and ends what was opened for it. */
export async function openOperatorSide({
  config,
  storage,
  unsealing,
  log,
  holders,
}: OperatorSideParts): Promise<() => Promise<void>> {
  const { place } = config
  const { directory } = place
  const region = config.regions[0] as string
  const rootKeys = unsealing.rootKey.then((rootKey) => rootKeyRing(rootKey))
  let rotation: RootKeyRotation | undefined
  const opened = openedSeal(place)
  const service = operatorService({
    directory,
    seal: installedSeal({
      place,
      progress: unsealing.progress,
      rootKey: rootKeys,
      isRotating: () => rotation?.isUnderWay() === true,
    }),
    opened,
    rotation: () => rotation as RootKeyRotation,
  })
  let trail: Trail | undefined
  let opening: ReturnType<typeof openCalls> | undefined

  async function openCalls() {
    if (unsealing.progress().sealed) throw new SealedException()
    const rootKey = await rootKeys
    await requireRootKey(storage, rootKey)
    watchRootKey(storage, rootKey, log)
    const rotating = rootKeyRotation({ place, storage, rootKey, opened, holders, log })
    rotation = rotating
    const fenced = fencedStorage(storage, rootKey)
    const identities = await openIdentities(fenced, rootKey)
    const { regions, oidcAuthorities, nitroRoots } = config
    const foundation = {
      storage: fenced,
      rootKey,
      identities,
      regions,
      oidcAuthorities,
      nitroRoots,
      log,
      // Operators use no keys.
      beforeEnd() {},
    }
    trail = await startTrail({ ...foundation, storage }, directory)
    const ports = { identities, trail, quotas: permissiveQuotas, meter: silentMeter }
    const open = await service.open(foundation)
    const invoke = createInvoke(ports, fenced, log)
    const settled: Invoke = (plan, input, call, settle) =>
      invoke(plan, input, call, (answer) => {
        // Told of a new root key once its seal is in place, or that of the old one alone again.
        rotating.settle(call.id).then(() => settle(answer))
      })
    return {
      invoke: settled,
      stores: open({ account: OPERATOR_ACCOUNT, region }),
    }
  }

  /** How far a rotation is: from memory, unrecorded, since its transaction keeps other writers waiting. */
  function rotationStatus(name: string): Promise<object> | undefined {
    const rows = name === 'GetSealStatus' ? rotation?.rows() : undefined
    if (rows === undefined) return undefined
    const status = sealStatus(unsealing.progress())
    return Promise.resolve({ ...status, RowsDone: rows.done, Rows: rows.all })
  }

  const close = await openOperatorGateway({
    socketFile: join(directory, 'operator.sock'),
    plans: Object.values(service.operations).map((operation) => plan(service, operation)),
    caller: operatorCaller,
    region,
    log,
    early: (name, input) => rotationStatus(name) ?? offerToSeal(unsealing, name, input),
    async open() {
      opening ??= openCalls()
      try {
        return await opening
      } catch (error) {
        // The next command tries again.
        opening = undefined
        throw error
      }
    },
  })
  return async () => {
    await close()
    await trail?.close()
    await storage.close()
  }
}

/** What can be answered without the root key, and so without a record; nothing for all the rest. */
async function offerToSeal(
  unsealing: Unsealing,
  name: string,
  given: Readonly<Record<string, unknown>> | AwsError,
): Promise<object | undefined> {
  if (!unsealing.progress().sealed) return undefined
  if (name === 'GetSealStatus') return sealStatus(unsealing.progress())
  if (name !== 'Unseal') throw new SealedException()
  if (given instanceof AwsError) throw given
  const input: UnsealRequest = given
  if (input.Reset === true) await unsealing.reset()
  const text = input.Share ?? input.Passphrase
  if (typeof text !== 'string') return sealStatus(unsealing.progress())
  try {
    const kind = input.Share === undefined ? 'passphrase' : 'share'
    const progress = await unsealing.offer({ kind, text: Buffer.from(text) })
    return progress.sealed ? sealStatus(progress) : undefined
  } catch (error) {
    throw error instanceof UnsealError ? new UnsealFailedException(error.message) : error
  }
}
