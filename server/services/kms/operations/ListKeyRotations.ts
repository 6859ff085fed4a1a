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
import { KEY_ID, MARKER, PAGE_LIMIT } from '../limits.ts'
import type { ImportedMaterial } from '../material/imported-material-store.ts'
import type { StoredMaterial } from '../material/rotation-store.ts'
import type { KmsReading, KmsStores } from '../operation.ts'
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
      const materials = await materialsOf(key, call.stores)
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

type Listed = StoredMaterial & { readonly imported: ImportedMaterial | undefined }

/** In the order in which they became current, and last what waits for its rotation. */
async function materialsOf(
  key: Key,
  { rotations, importedMaterials }: KmsStores,
): Promise<readonly Listed[]> {
  const known = new Map<string, ImportedMaterial>()
  if (key.origin === 'EXTERNAL') {
    for (const each of await importedMaterials.list(key)) known.set(each.materialId, each)
  }
  const stored = await rotations.list(key)
  const isPending = ({ materialId }: StoredMaterial) =>
    known.get(materialId)?.state === 'PENDING_ROTATION'
  return [...stored.filter((each) => !isPending(each)), ...stored.filter(isPending)].map(
    (each, number) => ({ ...each, number, imported: known.get(each.materialId) }),
  )
}

function entryOf(key: Key, { materialId, rotation, imported }: Listed): RotationsListEntry {
  return {
    KeyId: key.arn,
    KeyMaterialId: materialId,
    ...importMembers(imported),
    KeyMaterialState: stateOf(key, materialId, imported),
    ...(rotation && { RotationDate: new Date(rotation.atMs), RotationType: rotation.type }),
  }
}

function stateOf(key: Key, materialId: string, imported: ImportedMaterial | undefined) {
  if (imported?.state === 'PENDING_ROTATION') return 'PENDING_ROTATION'
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
