// An entity as its row, and a row as its entity: believed only with its MAC, since it says what a
// principal may. docs/decisions/0010-iam-entities.md says why all of it is one row.

import type { RootKey } from '../../../seal/root-key.ts'
import { type RowMacs, rowMacs } from '../../../seal/row-mac.ts'
import type { Entity, EntityKind } from './entity.ts'
import type { EntityTables } from './tables.ts'

export type EntityRow = EntityTables['iam_entities']

export type EntityRows = {
  /** Throws ForgedRowError where this server did not write the row. */
  read(row: EntityRow): Entity
  /** The row of an entity that is as this says, with its MAC. */
  of(entity: Entity): EntityRow
}

/** One entity that refers to another, by id or by ARN. */
export type Link = { readonly relation: Relation; readonly target: string }
export type Relation = 'group' | 'policy' | 'boundary'

const COLUMNS = [
  'entity_id',
  'account',
  'kind',
  'name_key',
  'name',
  'path',
  'version',
  'document',
  'created_at_ms',
] as const

export function entityRowMacs(rootKey: RootKey): RowMacs<(typeof COLUMNS)[number]> {
  return rowMacs(rootKey, 'iam_entities', COLUMNS, ['account', 'kind', 'name'])
}

export function entityRows(rootKey: RootKey): EntityRows {
  const macs = entityRowMacs(rootKey)
  return {
    read(row) {
      macs.require(row)
      const columns = {
        kind: row.kind as EntityKind,
        account: row.account,
        id: row.entity_id,
        name: row.name,
        path: row.path,
        version: row.version,
        createdAtMs: row.created_at_ms,
      }
      // The MAC says that the document is what `of` made of such an entity. What was undefined is left
      // out there, and reads as undefined here.
      return { ...(JSON.parse(row.document) as object), ...columns } as Entity
    },
    of(entity) {
      const { kind, account, id, name, path, version, createdAtMs, ...rest } = entity
      const columns = {
        entity_id: id,
        account,
        kind,
        name_key: nameKey(name),
        name,
        path,
        version,
        document: JSON.stringify(rest),
        created_at_ms: createdAtMs,
      }
      return { ...columns, mac: macs.of(columns) }
    },
  }
}

/** What a name is compared by: IAM's names differ in more than case. */
export function nameKey(name: string): string {
  return name.toLowerCase()
}

/** Everything that the entity refers to. */
export function linksOf(entity: Entity): readonly Link[] {
  if (entity.kind === 'policy') return []
  const links: Link[] = entity.attached.map((target) => ({ relation: 'policy', target }))
  if (entity.kind === 'user') {
    links.push(...entity.groups.map((target): Link => ({ relation: 'group', target })))
  }
  if (entity.kind !== 'group' && entity.boundary !== undefined) {
    links.push({ relation: 'boundary', target: entity.boundary })
  }
  return links
}
