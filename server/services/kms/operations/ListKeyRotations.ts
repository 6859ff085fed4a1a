// https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyRotations.html
import { oneOf } from '../../../schema/limits.ts'
import {
  InvalidArnException,
  InvalidMarkerException,
  NotFoundException,
  UnsupportedOperationException,
} from '../errors.ts'
import { type Key, requireRotatable } from '../keys/key.ts'
import { expirationMembers } from '../keys/key-import.ts'
import { findKey, keyDemand, keyResources } from '../keys/key-target.ts'
import { isMultiRegion } from '../keys/multi-region.ts'
import { KEY_ID, MARKER, PAGE_LIMIT } from '../limits.ts'
import type { ImportedMaterial } from '../material/imported-material-store.ts'
import { isThere } from '../material/imports.ts'
import { findRotatable } from '../material/related-imports.ts'
import type { StoredMaterial } from '../material/rotation-store.ts'
import type { KmsReading, KmsStores } from '../operation.ts'
import { draw } from '../request-quotas.ts'
import {
  IncludeKeyMaterial,
  type KeyMaterialState,
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
      const materials = await materialsOf(key, call.stores, call.nowMs)
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

type Listed = StoredMaterial & {
  readonly state: KeyMaterialState
  readonly imported: ImportedMaterial | undefined
}

/** In the order in which they became current, and last what waits for its rotation. */
async function materialsOf(
  key: Key,
  { rotations, importedMaterials: store }: KmsStores,
  nowMs: number,
): Promise<readonly Listed[]> {
  const materials = key.origin === 'EXTERNAL' ? await store.list(key) : []
  const known = new Map(
    materials.map((each) => [
      each.materialId,
      // Past its date it is gone, even where its removal has to wait.
      isThere(each, nowMs) ? each : { ...each, isPresent: false, expiresAtMs: undefined },
    ]),
  )
  const copies = (id: string, regions: readonly string[]) => store.copies(key, id, regions)
  const rotatable = await findRotatable(key, materials, nowMs, copies)
  const stored = await rotations.list(key)
  const isPending = ({ materialId }: StoredMaterial) =>
    known.get(materialId)?.state === 'PENDING_ROTATION'
  return [...stored.filter((each) => !isPending(each)), ...stored.filter(isPending)].map(
    (each, number) => ({
      ...each,
      number,
      state: isPending(each) ? pendingState(key, rotatable) : settledState(key, each),
      imported: known.get(each.materialId),
    }),
  )
}

function entryOf(key: Key, { materialId, state, rotation, imported }: Listed): RotationsListEntry {
  return {
    KeyId: key.arn,
    KeyMaterialId: materialId,
    ...importMembers(imported),
    KeyMaterialState: state,
    ...(rotation && { RotationDate: new Date(rotation.atMs), RotationType: rotation.type }),
  }
}

/** Material of a multi-Region key has to be in every Region before it can become current. */
function pendingState(key: Key, rotatable: ImportedMaterial | undefined): KeyMaterialState {
  if (!isMultiRegion(key) || rotatable !== undefined) return 'PENDING_ROTATION'
  return 'PENDING_MULTI_REGION_IMPORT_AND_ROTATION'
}

function settledState(key: Key, { materialId }: StoredMaterial): KeyMaterialState {
  return materialId === key.materialId ? 'CURRENT' : 'NON_CURRENT'
}

/** What is told of imported material alone. */
function importMembers(imported: ImportedMaterial | undefined): RotationsListEntry {
  if (imported === undefined) return {}
  const { isPresent, description } = imported
  return {
    ...(description !== undefined && { KeyMaterialDescription: description }),
    ImportState: isPresent ? 'IMPORTED' : 'PENDING_IMPORT',
    ...expirationMembers(isPresent ? imported : undefined),
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
