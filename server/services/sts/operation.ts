// What an operation of STS is: it changes nothing, since no database knows of sessions.
import type { ReadingOperation } from '../../contract/operation.ts'
import type { Identities } from '../../contract/ports.ts'

/** What STS operations reach through `call.stores`. */
export type StsStores = { readonly identities: Identities }

export type StsOperation<Input, Output, Target> = ReadingOperation<Input, Output, Target, StsStores>
