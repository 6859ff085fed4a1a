// The managed policies of AWS that this server offers, written from their documented permissions.
// https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html

export type AwsPolicy = {
  readonly arn: string
  readonly name: string
  readonly path: string
  readonly description: string
  readonly document: string
}

/** AWS's policy of this ARN, or nothing where this server does not offer it. */
export function findAwsPolicy(arn: string): AwsPolicy | undefined {
  return BY_ARN.get(arn)
}

type Statement = { readonly Effect: 'Allow' | 'Deny' } & Readonly<Record<string, unknown>>

function awsPolicy(
  name: string,
  description: string,
  statements: readonly Statement[],
  path = '/',
): AwsPolicy {
  return {
    arn: `arn:aws:iam::aws:policy${path}${name}`,
    name,
    path,
    description,
    document: JSON.stringify({ Version: '2012-10-17', Statement: statements }),
  }
}

const POLICIES: readonly AwsPolicy[] = [
  awsPolicy('AdministratorAccess', 'Provides full access to AWS services and resources.', [
    { Effect: 'Allow', Action: '*', Resource: '*' },
  ]),
  awsPolicy(
    'AWSKeyManagementServicePowerUser',
    'Provides access to AWS Key Management Service (KMS).',
    [
      {
        Effect: 'Allow',
        Action: [
          'kms:CreateAlias',
          'kms:CreateKey',
          'kms:DeleteAlias',
          'kms:Describe*',
          'kms:GenerateRandom',
          'kms:Get*',
          'kms:List*',
          'kms:TagResource',
          'kms:UntagResource',
          'iam:ListGroups',
          'iam:ListRoles',
          'iam:ListUsers',
        ],
        Resource: '*',
      },
    ],
  ),
]

const BY_ARN: ReadonlyMap<string, AwsPolicy> = new Map(
  POLICIES.map((policy) => [policy.arn, policy]),
)
