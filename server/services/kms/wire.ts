// The SDK's schemas of KMS: the one file of this service that reads them.
import * as sdk from '@aws-sdk/client-kms'
import type { StaticOperationSchema } from '@smithy/types'
import { type OperationSchema, operationSchema } from '../../schema/operation-schema.ts'

type OperationName = {
  [Name in keyof typeof sdk]: Name extends `${infer Operation}$`
    ? `${Operation}Command` extends keyof typeof sdk
      ? Operation
      : never
    : never
}[keyof typeof sdk]

/** The wire shape of one operation, such as `kmsSchema<EncryptRequest, EncryptResponse>('Encrypt')`. */
export function kmsSchema<Input, Output>(name: OperationName): OperationSchema<Input, Output> {
  return operationSchema(
    (sdk as unknown as Record<string, StaticOperationSchema>)[`${name}$`] as StaticOperationSchema,
  )
}

export type * from '@aws-sdk/client-kms'
export {
  AlgorithmSpec,
  CustomerMasterKeySpec,
  CustomKeyStoreType,
  DataKeyPairSpec,
  DataKeySpec,
  DryRunModifierType,
  EncapsulationAlgorithmSpec,
  EncryptionAlgorithmSpec,
  ExpirationModelType,
  GrantOperation,
  ImportType,
  IncludeKeyMaterial,
  KeyAgreementAlgorithmSpec,
  KeyEncryptionMechanism,
  KeySpec,
  KeyUsageType,
  MacAlgorithmSpec,
  MessageType,
  OriginType,
  SigningAlgorithmSpec,
  WrappingKeySpec,
  XksProxyConnectivityType,
} from '@aws-sdk/client-kms'
