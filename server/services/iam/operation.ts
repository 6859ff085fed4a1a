// What an operation of IAM is: the contract's operation over the stores of one account, and what all of
// them declare alike.
import type { Call } from '../../contract/call.ts'
import type { Usage } from '../../contract/demand.ts'
import type { ChangingOperation, Path, ReadingOperation } from '../../contract/operation.ts'
import type { Identities } from '../../contract/ports.ts'
import type { OperationSchema } from '../../schema/operation-schema.ts'
import type { AccessKeyStore } from './access-key-store.ts'
import type { EntityStore } from './entities/entity-store.ts'
import type { OidcProviderStore } from './oidc/oidc-provider-store.ts'
import { iamSchema, type OperationName } from './wire.ts'

/** What operations of IAM reach through `call.stores`. */
export type IamStores = {
  readonly entities: EntityStore
  readonly accessKeys: AccessKeyStore
  readonly oidcProviders: OidcProviderStore
  readonly identities: Identities
}

export type IamCall = Call<IamStores>
export type IamReading<Input, Output, Target> = ReadingOperation<Input, Output, Target, IamStores>
export type IamChange<Input, Output, Target, Prepared> = ChangingOperation<
  Input,
  Output,
  Target,
  IamStores,
  Prepared
>

type Alike<Input, Output> = {
  readonly schema: OperationSchema<Input, Output>
  /** IAM's request quotas are not published. */
  usage(): readonly Usage[]
  resources(): readonly never[]
  readonly audit: {
    readonly readOnly: boolean
    readonly show: readonly Path<Input>[]
    readonly showOutput: readonly Path<Output>[]
  }
}

/** What every operation that changes nothing declares: CloudTrail shows its input. */
export function reads<Input, Output>(name: OperationName): Alike<Input, Output> {
  const schema = iamSchema<Input, Output>(name)
  return {
    schema,
    usage: () => [],
    resources: () => [],
    audit: { readOnly: true, show: namesOf(schema.input), showOutput: [] },
  }
}

/** What every operation that changes something declares: CloudTrail shows its input and its answer. */
export function changes<Input, Output>(name: OperationName): Alike<Input, Output> {
  const schema = iamSchema<Input, Output>(name)
  return {
    schema,
    usage: () => [],
    resources: () => [],
    audit: { readOnly: false, show: namesOf(schema.input), showOutput: namesOf(schema.output) },
  }
}

/** All members; one that is or holds a secret among them is refused when the service starts. */
function namesOf<T>(shape: OperationSchema<unknown, unknown>['input']): readonly Path<T>[] {
  return shape.members.map(({ name }) => name as Path<T>)
}
