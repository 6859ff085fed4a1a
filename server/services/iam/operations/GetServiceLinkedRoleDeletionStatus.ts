// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetServiceLinkedRoleDeletionStatus.html
import { identityDemand } from '../../../contract/demand.ts'
import { length } from '../../../schema/limits.ts'
import { entityArn } from '../entities/entity.ts'
import { InvalidInputException, NoSuchEntityException } from '../errors.ts'
import { linkedRolePath } from '../linked-services.ts'
import { type IamReading, reads } from '../operation.ts'
import type {
  GetServiceLinkedRoleDeletionStatusRequest,
  GetServiceLinkedRoleDeletionStatusResponse,
} from '../wire.ts'

/** The role that a task deletes, as its id tells. */
type Task = { readonly path: string; readonly name: string; readonly roleId: string }

const TASK_ID = /^task\/aws-service-role\/([a-z0-9.-]+)\/([\w+=,.@-]+)\/(AROA[A-Z2-7]{17})$/

export const GetServiceLinkedRoleDeletionStatus: IamReading<
  GetServiceLinkedRoleDeletionStatusRequest,
  GetServiceLinkedRoleDeletionStatusResponse,
  Task
> = {
  ...reads<GetServiceLinkedRoleDeletionStatusRequest, GetServiceLinkedRoleDeletionStatusResponse>(
    'GetServiceLinkedRoleDeletionStatus',
  ),
  limits: { DeletionTaskId: length(1, 1000) },
  errors: [NoSuchEntityException, InvalidInputException],
  target({ DeletionTaskId: id }) {
    const [, service, name, roleId] = TASK_ID.exec(id) ?? []
    if (service === undefined || name === undefined || roleId === undefined) {
      throw NoSuchEntityException.deletionTask(id)
    }
    return { path: linkedRolePath(service), name, roleId }
  },
  demands(task, _input, { account }) {
    const arn = 'error' in task ? task.resource : entityArn('role', { account, ...task })
    return [identityDemand('iam:GetServiceLinkedRoleDeletionStatus', arn, account)]
  },
  async handle({ DeletionTaskId: id }, { roleId }, call) {
    // A role that is there was never deleted: there is no such task.
    if ((await call.stores.entities.findById('role', roleId)) !== undefined) {
      throw NoSuchEntityException.deletionTask(id)
    }
    return { Status: 'SUCCEEDED' }
  },
}
