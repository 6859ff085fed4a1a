// How often managed policies are attached, and how often they are boundaries.
import { entityArn, type ManagedPolicy } from '../entities/entity.ts'
import type { EntityStore } from '../entities/entity-store.ts'
import type { PolicyUse } from '../entities/views.ts'

/** Looks all of them up at once; what it answers tells the use of any. */
export async function policyUses(
  entities: EntityStore,
): Promise<(policy: ManagedPolicy) => PolicyUse> {
  const [attachments, boundaries] = await Promise.all([
    entities.listUses('policy'),
    entities.listUses('boundary'),
  ])
  return (policy) => {
    const arn = entityArn('policy', policy)
    return { attachments: attachments.get(arn) ?? 0, boundaries: boundaries.get(arn) ?? 0 }
  }
}
