// What Decrypt and ReEncrypt say of a ciphertext under a key that is not there, or not for the caller.
import { refusal } from '../../../testing/refusal.ts'

export const UNREACHABLE = refusal(
  'AccessDeniedException',
  'The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.',
)
