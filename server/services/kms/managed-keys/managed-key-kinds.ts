// The keys that AWS manages in every account for its services, and their fixed key policies, as data.
// https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#aws-managed-key

export type ManagedKeyKind = {
  /** What comes behind `alias/aws/`. */
  readonly name: string
  /** The service that uses the key, and by whose first use it is made. */
  readonly service: string
  readonly policyId: string
  /** What stands in the description. */
  readonly protects: string
  /** What everybody in the account may do through the service: in the key's Region, or in any. */
  readonly uses: readonly {
    readonly in: 'its Region' | 'any Region'
    readonly actions: readonly string[]
  }[]
  /** What IAM policies of the account may allow directly. */
  readonly account: readonly string[]
  /** What the service may do as itself. */
  readonly serviceReads: readonly string[]
}

const USE = [
  'kms:Encrypt',
  'kms:Decrypt',
  'kms:ReEncrypt*',
  'kms:GenerateDataKey*',
  'kms:DescribeKey',
] as const
const USE_AND_GRANT = [...USE, 'kms:CreateGrant'] as const
const READ = ['kms:Describe*', 'kms:Get*', 'kms:List*'] as const
const READ_AND_REVOKE = [...READ, 'kms:RevokeGrant'] as const

export const MANAGED_KEY_KINDS: readonly ManagedKeyKind[] = [
  {
    name: 's3',
    service: 's3',
    policyId: 'auto-s3-2',
    protects: 'S3 objects',
    uses: [{ in: 'its Region', actions: USE }],
    account: READ,
    serviceReads: [],
  },
  {
    name: 'ssm',
    service: 'ssm',
    policyId: 'auto-ssm-1',
    protects: 'SSM parameters',
    uses: [{ in: 'its Region', actions: USE }],
    account: READ,
    serviceReads: [],
  },
  {
    name: 'ebs',
    service: 'ec2',
    policyId: 'auto-ebs-2',
    protects: 'EBS volumes',
    uses: [{ in: 'its Region', actions: USE_AND_GRANT }],
    account: READ_AND_REVOKE,
    serviceReads: [],
  },
  {
    name: 'sqs',
    service: 'sqs',
    policyId: 'auto-sqs-1',
    protects: 'SQS messages',
    uses: [{ in: 'its Region', actions: USE_AND_GRANT }],
    account: READ_AND_REVOKE,
    serviceReads: [],
  },
  {
    name: 'lambda',
    service: 'lambda',
    policyId: 'auto-awslambda',
    protects: 'Lambda functions',
    uses: [{ in: 'its Region', actions: USE_AND_GRANT }],
    account: READ_AND_REVOKE,
    serviceReads: [],
  },
  {
    name: 'rds',
    service: 'rds',
    policyId: 'auto-rds-2',
    protects: 'RDS database volumes',
    uses: [{ in: 'its Region', actions: [...USE_AND_GRANT, 'kms:ListGrants'] }],
    account: READ_AND_REVOKE,
    serviceReads: [],
  },
  {
    name: 'dynamodb',
    service: 'dynamodb',
    policyId: 'auto-dynamodb-3',
    protects: 'DynamoDB data',
    uses: [{ in: 'any Region', actions: USE_AND_GRANT }],
    account: READ_AND_REVOKE,
    serviceReads: READ,
  },
  {
    name: 'secretsmanager',
    service: 'secretsmanager',
    policyId: 'auto-secretsmanager-2',
    protects: 'Secrets Manager data',
    uses: [
      {
        in: 'its Region',
        actions: [
          'kms:Encrypt',
          'kms:Decrypt',
          'kms:ReEncrypt*',
          'kms:CreateGrant',
          'kms:DescribeKey',
        ],
      },
      { in: 'any Region', actions: ['kms:GenerateDataKey*'] },
    ],
    account: READ_AND_REVOKE,
    serviceReads: [],
  },
]

/** What a service may do with the key that it owns itself. */
export const OWNED_KEY_ACTIONS: readonly string[] = USE
