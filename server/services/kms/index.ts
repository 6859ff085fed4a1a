// The door of KMS: operations for other services to invoke, and nothing else.
export { Decrypt } from './operations/Decrypt.ts'
export { Encrypt } from './operations/Encrypt.ts'
