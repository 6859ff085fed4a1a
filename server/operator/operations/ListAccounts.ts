// keyhold account list
import { ownSchema } from '../../schema/own-shape.ts'
import { type OperatorReading, onInstallation, operatorDemand } from '../operation.ts'

type ListAccountsResponse = { Accounts: readonly Readonly<Record<string, string>>[] }

export const ListAccounts: OperatorReading<object, ListAccountsResponse> = {
  ...onInstallation,
  schema: ownSchema<object, ListAccountsResponse>('ListAccounts', {}, { Accounts: 'objects!' }),
  limits: {},
  errors: [],
  demands: (_target, _input, call) => operatorDemand('ListAccounts', call),
  audit: { readOnly: true, show: [], showOutput: [] },
  async handle(_input, _target, call) {
    const accounts = await call.stores.accounts.list()
    return {
      Accounts: accounts.map(({ account, createdAtMs }) => ({
        AccountId: account,
        CreatedAt: new Date(createdAtMs).toISOString(),
      })),
    }
  },
}
