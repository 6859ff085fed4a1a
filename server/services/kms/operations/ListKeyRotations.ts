// https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyRotations.html
import { oneOf } from '../../../schema/limits.ts'
import {
  InvalidArnException,
  InvalidMarkerException,
  NotFoundException,
  UnsupportedOperationException,
} from '../errors.ts'
import { type Key, requireRotatable } from '../keys/key.ts'
import { findKey, keyDemand, keyResources } from '../keys/key-target.ts'
import { KEY_ID, MARKER, PAGE_LIMIT } from '../limits.ts'
import type { StoredMaterial } from '../material/rotation-store.ts'
import type { KmsReading } from '../operation.ts'
import { draw } from '../request-quotas.ts'
import {
  IncludeKeyMaterial,
  kmsSchema,
  type ListKeyRotationsRequest,
  type ListKeyRotationsResponse,
  type RotationsListEntry,
} from '../wire.ts'

const DEFAULT_LIMIT = 100

export const ListKeyRotations: KmsReading<ListKeyRotationsRequest, ListKeyRotationsResponse, Key> =
  {
    schema: kmsSchema('ListKeyRotations'),
    limits: {
      KeyId: KEY_ID,
      IncludeKeyMaterial: oneOf(IncludeKeyMaterial),
      Limit: PAGE_LIMIT,
      Marker: MARKER,
    },
    errors: [
      NotFoundException,
      InvalidArnException,
      InvalidMarkerException,
      UnsupportedOperationException,
    ],
    target: (input, call) => findKey(input.KeyId, call, 'management'),
    demands: (target, input, call) => [keyDemand('kms:ListKeyRotations', target, call, input)],
    usage: (_target, _input, call) => draw('ListKeyRotations', call),
    resources: keyResources,
    audit: {
      readOnly: true,
      show: ['KeyId', 'IncludeKeyMaterial', 'Limit', 'Marker'],
      showOutput: [],
    },
    async handle(input, key, call) {
      requireRotatable(key)
      const limit = input.Limit ?? DEFAULT_LIMIT
      const after = input.Marker === undefined ? -1 : readMarker(input.Marker, key)
      const whole = input.IncludeKeyMaterial === 'ALL_KEY_MATERIAL'
      // All of them at once: a key has one for each rotation there ever was, and they are short.
      const materials = await call.stores.rotations.list(key)
      const rest = materials.filter(
        ({ number, rotation }) => number > after && (whole || rotation !== undefined),
      )
      const page = rest.slice(0, limit)
      const last = page.at(-1)
      const truncated = rest.length > limit && last !== undefined
      return {
        Rotations: page.map((material) => entryOf(key, material)),
        ...(truncated && { NextMarker: markerOf(key, last) }),
        Truncated: truncated,
      }
    },
  }

function entryOf(key: Key, { materialId, rotation }: StoredMaterial): RotationsListEntry {
  return {
    KeyId: key.arn,
    KeyMaterialId: materialId,
    KeyMaterialState: materialId === key.materialId ? 'CURRENT' : 'NON_CURRENT',
    ...(rotation && { RotationDate: new Date(rotation.atMs), RotationType: rotation.type }),
  }
}

function markerOf({ id }: Key, { number }: StoredMaterial): string {
  return Buffer.from(`${id}/${number}`).toString('base64url')
}

/** A marker of another key leads nowhere in this one. */
function readMarker(marker: string, { id }: Key): number {
  const text = Buffer.from(marker, 'base64url').toString('latin1')
  const number = text.startsWith(`${id}/`) ? text.slice(id.length + 1) : ''
  if (!/^[0-9]{1,9}$/.test(number)) throw new InvalidMarkerException()
  return Number(number)
}
