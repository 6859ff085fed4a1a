// The operator's side of a server: it lives in the primary process, which serves nobody else. What it
// needs to record (a chain of its own) is opened with the first command.
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { ServeConfig } from '../config.ts'
import { openOperatorGateway } from '../gateway/operator-gateway.ts'
import type { Installation } from '../installation.ts'
import { OPERATOR_ACCOUNT, operatorCaller } from '../operator/operation.ts'
import { operatorService } from '../operator/service.ts'
import { createInvoke } from '../pipeline/invoke.ts'
import { permissiveQuotas, silentMeter } from '../pipeline/permissive.ts'
import { plan } from '../pipeline/plan.ts'
import { startTrail } from '../services/cloudtrail/service.ts'
import type { Trail } from '../services/cloudtrail/trail.ts'
import { accessKeyDirectory } from '../services/iam/access-key-directory.ts'

/** Opens the operator socket; what it returns closes it and ends what was opened for it. */
export async function openOperatorSide(
  config: ServeConfig,
  installation: Installation,
  log: Logger,
): Promise<() => Promise<void>> {
  const { directory } = config.place
  const region = config.regions[0] as string
  let trail: Trail | undefined
  let opening: ReturnType<typeof openCalls> | undefined

  async function openCalls() {
    const { storage, rootKey } = installation
    const foundation = { storage, rootKey, regions: config.regions, log }
    trail = await startTrail(foundation, directory)
    const identities = accessKeyDirectory(storage, rootKey)
    const ports = { identities, trail, quotas: permissiveQuotas, meter: silentMeter }
    const open = await operatorService.open(foundation)
    return {
      invoke: createInvoke(ports, storage, log),
      stores: open({ account: OPERATOR_ACCOUNT, region }),
    }
  }

  const close = await openOperatorGateway({
    socketFile: join(directory, 'operator.sock'),
    plans: Object.values(operatorService.operations).map((operation) =>
      plan(operatorService, operation),
    ),
    caller: operatorCaller,
    region,
    log,
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
    await installation.storage.close()
  }
}
