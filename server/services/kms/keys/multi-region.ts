// What multi-Region keys have more than others: the Regions in which the same key id and material are.
// Every related key knows all of them: it is one of the properties that they share.
// https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html
import type { Scope } from '../../../contract/call.ts'
import { randomBytes } from '../../../crypto/random.ts'
import { UnsupportedOperationException } from '../errors.ts'
import type { KmsTables } from '../tables.ts'
import type { KeyMetadata } from '../wire.ts'
import { keyArn } from './key-reference.ts'

export type MultiRegion = {
  /** The Region of the primary key. */
  readonly primary: string
  /** The Regions of the replica keys, in alphabetical order. */
  readonly replicas: readonly string[]
}

/** A key, as far as its Regions go. */
type Regional = Scope & {
  readonly id: string
  readonly arn: string
  readonly multiRegion: MultiRegion | undefined
}

/** Of a key that is a multi-Region key. */
export type WithRegions = { readonly multiRegion: MultiRegion }

/** `mrk-` and 32 hexadecimal digits. */
export function newMultiRegionKeyId(): string {
  return `mrk-${randomBytes(16).toString('hex')}`
}

export function isMultiRegion<Key extends Regional>(key: Key): key is Key & WithRegions {
  return key.multiRegion !== undefined
}

/** What policies and descriptions call the part that the key has among its related keys. */
export function multiRegionKeyType({ region, multiRegion }: Scope & WithRegions) {
  return multiRegion.primary === region ? 'PRIMARY' : 'REPLICA'
}

export function isReplica(key: Regional): boolean {
  return isMultiRegion(key) && multiRegionKeyType(key) === 'REPLICA'
}

/** Throws where the key takes what it shares from a primary key: that is changed there. */
export function requireNoReplica(key: Regional): void {
  if (isReplica(key)) throw UnsupportedOperationException.notPrimary(key.arn)
}

/** The key, where it is a multi-Region primary key; throws where it is not. */
export function requirePrimary<Key extends Regional>(key: Key): Key & WithRegions {
  if (!isMultiRegion(key)) throw UnsupportedOperationException.notPrimary(key.arn)
  requireNoReplica(key)
  return key
}

/** Whether replicas of the key are left, which must go before it. */
export function hasReplicas(key: Regional): boolean {
  return (
    isMultiRegion(key) &&
    multiRegionKeyType(key) === 'PRIMARY' &&
    key.multiRegion.replicas.length > 0
  )
}

/** The Regions of the related keys, without the key's own. */
export function otherRegions({
  region,
  multiRegion,
}: Pick<Regional, 'region' | 'multiRegion'>): readonly string[] {
  if (multiRegion === undefined) return []
  return [multiRegion.primary, ...multiRegion.replicas].filter((one) => one !== region)
}

/** With a replica in one more Region. */
export function withReplica({ primary, replicas }: MultiRegion, region: string): MultiRegion {
  return { primary, replicas: [...replicas, region].sort() }
}

/** Without the replica of that Region. */
export function withoutReplica({ primary, replicas }: MultiRegion, region: string): MultiRegion {
  return { primary, replicas: replicas.filter((one) => one !== region) }
}

/** With the primary key in the Region of what was a replica, and a replica in its place. */
export function withPrimary(regions: MultiRegion, primary: string): MultiRegion {
  const { replicas } = withoutReplica(regions, primary)
  return { primary, replicas: [...replicas, regions.primary].sort() }
}

/** The key's Regions as DescribeKey tells them. */
export function multiRegionMembers(key: Regional): Partial<KeyMetadata> {
  if (!isMultiRegion(key)) return { MultiRegion: false }
  const { account, id, multiRegion } = key
  const member = (region: string) => ({ Arn: keyArn({ account, region }, id), Region: region })
  return {
    MultiRegion: true,
    MultiRegionConfiguration: {
      MultiRegionKeyType: multiRegionKeyType(key),
      PrimaryKey: member(multiRegion.primary),
      ReplicaKeys: multiRegion.replicas.map(member),
    },
  }
}

type RegionColumns = Pick<KmsTables['kms_keys'], 'primary_region' | 'replica_regions'>

export function readMultiRegion(row: RegionColumns): MultiRegion | undefined {
  const { primary_region: primary, replica_regions: replicas } = row
  if (primary === null) return undefined
  return { primary, replicas: replicas ? replicas.split(',') : [] }
}

export function multiRegionColumns(multiRegion: MultiRegion | undefined): RegionColumns {
  return {
    primary_region: multiRegion?.primary ?? null,
    replica_regions: multiRegion?.replicas.join(',') ?? null,
  }
}
