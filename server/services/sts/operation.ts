// What an operation of STS is: it changes nothing, since no database knows of sessions.
import type { ReadingOperation, UnsignedOperation } from '../../contract/operation.ts'
import type { Identities } from '../../contract/ports.ts'
import type { IssuerKeys } from './web-identity/issuer-keys.ts'
import type { RefusalLimit } from './web-identity/refusal-limit.ts'

/** What STS operations reach through `call.stores`. */
export type StsStores = {
  readonly identities: Identities
  readonly issuerKeys: IssuerKeys
  readonly refusals: RefusalLimit
}

export type StsOperation<Input, Output, Target> = ReadingOperation<Input, Output, Target, StsStores>

/** One whose caller an identity token tells. */
export type StsUnsignedOperation<Input, Output, Target> = UnsignedOperation<
  Input,
  Output,
  Target,
  StsStores
>
