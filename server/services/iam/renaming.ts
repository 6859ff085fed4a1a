// New names of users and groups.
import type { Group, User } from './entities/entity.ts'
import { EntityAlreadyExistsException } from './errors.ts'
import type { IamCall } from './operation.ts'

/** Throws where another entity of the kind has the name; its own may change case. */
export async function requireNameFree(
  entity: User | Group,
  name: string,
  call: IamCall,
): Promise<void> {
  const other = await call.stores.entities.find(entity.kind, name)
  if (other !== undefined && other.id !== entity.id) {
    throw EntityAlreadyExistsException.named(entity.kind, name)
  }
}
