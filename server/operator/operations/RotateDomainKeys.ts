// keyhold seal rotate-domain: new domain keys, which wrap what is made from now on. The old ones stay, for
// what they wrapped.
import { length } from '../../schema/limits.ts'
import { ownSchema } from '../../schema/own-shape.ts'
import type { NewDomainKey } from '../../services/kms/material/domain-key-store.ts'
import { NoSuchRegionException } from '../errors.ts'
import { type OperatorChange, onInstallation, operatorDemand } from '../operation.ts'

type RotateDomainKeysRequest = { Region?: string | undefined }
type RotateDomainKeysResponse = {
  DomainKeys: readonly { DomainKeyId: string; Region: string; Generation: string }[]
}

export const RotateDomainKeys: OperatorChange<
  RotateDomainKeysRequest,
  RotateDomainKeysResponse,
  readonly NewDomainKey[]
> = {
  ...onInstallation,
  schema: ownSchema<RotateDomainKeysRequest, RotateDomainKeysResponse>(
    'RotateDomainKeys',
    { Region: 'string?' },
    { DomainKeys: 'objects!' },
  ),
  limits: { Region: length(1, 64) },
  errors: [NoSuchRegionException],
  demands: (_target, _input, call) => operatorDemand('RotateDomainKeys', call),
  audit: { readOnly: false, show: ['Region'], showOutput: ['DomainKeys'] },
  async prepare({ Region: region }, _target, call) {
    const { domainKeys } = call.stores
    const regions = await domainKeys.regions()
    if (region !== undefined && !regions.includes(region)) throw new NoSuchRegionException(region)
    return regions
      .filter((name) => region === undefined || name === region)
      .map((name) => domainKeys.generate(name))
  },
  async apply(made, tx, call) {
    const DomainKeys = []
    for (const key of made) {
      const generation = await call.stores.domainKeys.insert(tx, key)
      DomainKeys.push({
        DomainKeyId: key.id,
        Region: key.region,
        Generation: String(generation),
      })
    }
    return { DomainKeys }
  },
}
