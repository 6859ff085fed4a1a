// Service-linked roles: which services have one here, under which name, and what it may do.
// https://docs.aws.amazon.com/kms/latest/developerguide/using-service-linked-roles.html
export type LinkedService = {
  readonly roleName: string
  /** ARN of AWS's policy that the role has. */
  readonly policyArn: string
}

/** The path of a service's role. */
export function linkedRolePath(service: string): string {
  return `/aws-service-role/${service}/`
}

/** The service of this name, such as `mrk.kms.amazonaws.com`; nothing where it has no role here. */
export function findLinkedService(service: string): LinkedService | undefined {
  return LINKED.get(service)
}

function policy(name: string): string {
  return `arn:aws:iam::aws:policy/aws-service-role/${name}`
}

const LINKED: ReadonlyMap<string, LinkedService> = new Map([
  [
    'mrk.kms.amazonaws.com',
    {
      roleName: 'AWSServiceRoleForKeyManagementServiceMultiRegionKeys',
      policyArn: policy('AWSKeyManagementServiceMultiRegionKeysServiceRolePolicy'),
    },
  ],
  [
    'cks.kms.amazonaws.com',
    {
      roleName: 'AWSServiceRoleForKeyManagementServiceCustomKeyStores',
      policyArn: policy('AWSKeyManagementServiceCustomKeyStoresServiceRolePolicy'),
    },
  ],
])
