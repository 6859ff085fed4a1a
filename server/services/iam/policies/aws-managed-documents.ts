// AWS's managed policies for users of the services that this server offers, written from the permissions
// that AWS documents. ReadOnlyAccess covers the services here, not all of AWS's.
// https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html

export type AwsManaged = {
  readonly name: string
  readonly path: string
  readonly description: string
  readonly statements: readonly Statement[]
}

type Statement = {
  readonly Sid?: string
  readonly Effect: 'Allow'
  readonly Action?: string | readonly string[]
  readonly NotAction?: readonly string[]
  readonly Resource: string | readonly string[]
  readonly Condition?: Readonly<
    Record<string, Readonly<Record<string, string | readonly string[]>>>
  >
}

export const AWS_MANAGED: readonly AwsManaged[] = [
  allowing('AdministratorAccess', 'Provides full access to AWS services and resources.', ['*']),
  {
    name: 'PowerUserAccess',
    path: '/',
    description:
      'Provides full access to AWS services and resources, but does not allow management of Users and groups.',
    statements: [
      {
        Effect: 'Allow',
        NotAction: ['iam:*', 'organizations:*', 'account:*'],
        Resource: '*',
      },
      {
        Effect: 'Allow',
        Action: [
          'account:GetAccountInformation',
          'account:GetGovCloudAccountInformation',
          'account:GetPrimaryEmail',
          'account:ListRegions',
          'iam:CreateServiceLinkedRole',
          'iam:DeleteServiceLinkedRole',
          'iam:ListRoles',
          'organizations:DescribeEffectivePolicy',
          'organizations:DescribeOrganization',
        ],
        Resource: '*',
      },
    ],
  },
  allowing('ReadOnlyAccess', 'Provides read-only access to AWS services and resources.', [
    'cloudformation:Describe*',
    'cloudformation:Get*',
    'cloudformation:List*',
    'cloudtrail:Describe*',
    'cloudtrail:Get*',
    'cloudtrail:List*',
    'cloudtrail:LookupEvents',
    'dynamodb:BatchGet*',
    'dynamodb:Describe*',
    'dynamodb:Get*',
    'dynamodb:List*',
    'dynamodb:PartiQLSelect',
    'dynamodb:Query',
    'dynamodb:Scan',
    'ec2:Describe*',
    'ec2:Get*',
    'events:Describe*',
    'events:List*',
    'events:Test*',
    'iam:Generate*',
    'iam:Get*',
    'iam:List*',
    'iam:Simulate*',
    'kms:Describe*',
    'kms:Get*',
    'kms:List*',
    'lambda:Get*',
    'lambda:List*',
    'rds:Describe*',
    'rds:Download*',
    'rds:List*',
    's3:DescribeJob',
    's3:Get*',
    's3:List*',
    'secretsmanager:Describe*',
    'secretsmanager:GetResourcePolicy',
    'secretsmanager:List*',
    'servicequotas:Get*',
    'servicequotas:List*',
    'sqs:Get*',
    'sqs:List*',
    'sqs:Receive*',
    'ssm:Describe*',
    'ssm:Get*',
    'ssm:List*',
    'sts:GetAccessKeyInfo',
    'sts:GetCallerIdentity',
    'sts:GetSessionToken',
  ]),
  allowing('IAMFullAccess', 'Provides full access to IAM via the AWS Management Console.', [
    'iam:*',
    'organizations:DescribeAccount',
    'organizations:DescribeOrganization',
    'organizations:DescribeOrganizationalUnit',
    'organizations:DescribePolicy',
    'organizations:ListChildren',
    'organizations:ListParents',
    'organizations:ListPoliciesForTarget',
    'organizations:ListRoots',
    'organizations:ListPolicies',
    'organizations:ListTargetsForPolicy',
  ]),
  allowing(
    'IAMReadOnlyAccess',
    'Provides read only access to IAM via the AWS Management Console.',
    [
      'iam:GenerateCredentialReport',
      'iam:GenerateServiceLastAccessedDetails',
      'iam:Get*',
      'iam:List*',
      'iam:SimulateCustomPolicy',
      'iam:SimulatePrincipalPolicy',
    ],
  ),
  allowing(
    'AWSKeyManagementServicePowerUser',
    'Provides access to AWS Key Management Service (KMS).',
    [
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
  ),
  allowing(
    'AmazonS3FullAccess',
    'Provides full access to all buckets via the AWS Management Console.',
    ['s3:*', 's3-object-lambda:*'],
  ),
  allowing(
    'AmazonS3ReadOnlyAccess',
    'Provides read only access to all buckets via the AWS Management Console.',
    ['s3:Get*', 's3:List*', 's3:Describe*', 's3-object-lambda:Get*', 's3-object-lambda:List*'],
  ),
  {
    name: 'SecretsManagerReadWrite',
    path: '/',
    description:
      'Provides read/write access to AWS Secrets Manager via the AWS Management Console.',
    statements: [
      {
        Sid: 'BasePermissions',
        Effect: 'Allow',
        Action: [
          'secretsmanager:*',
          'cloudformation:CreateChangeSet',
          'cloudformation:DescribeChangeSet',
          'cloudformation:DescribeStackResource',
          'cloudformation:DescribeStacks',
          'cloudformation:ExecuteChangeSet',
          'docdb-elastic:GetCluster',
          'docdb-elastic:ListClusters',
          'ec2:DescribeSecurityGroups',
          'ec2:DescribeSubnets',
          'ec2:DescribeVpcs',
          'kms:DescribeKey',
          'kms:ListAliases',
          'kms:ListKeys',
          'lambda:ListFunctions',
          'rds:DescribeDBClusters',
          'rds:DescribeDBInstances',
          'redshift:DescribeClusters',
          'redshift-serverless:ListWorkgroups',
          'redshift-serverless:GetNamespace',
          'tag:GetResources',
        ],
        Resource: '*',
      },
      {
        Sid: 'LambdaPermissions',
        Effect: 'Allow',
        Action: [
          'lambda:AddPermission',
          'lambda:CreateFunction',
          'lambda:GetFunction',
          'lambda:InvokeFunction',
          'lambda:UpdateFunctionConfiguration',
        ],
        Resource: 'arn:aws:lambda:*:*:function:SecretsManager*',
      },
      {
        Sid: 'SARPermissions',
        Effect: 'Allow',
        Action: ['serverlessrepo:CreateCloudFormationChangeSet', 'serverlessrepo:GetApplication'],
        Resource: 'arn:aws:serverlessrepo:*:*:applications/SecretsManager*',
      },
      {
        Sid: 'S3Permissions',
        Effect: 'Allow',
        Action: ['s3:GetObject'],
        Resource: [
          'arn:aws:s3:::awsserverlessrepo-changesets*',
          'arn:aws:s3:::secrets-manager-rotation-apps-*/*',
        ],
      },
    ],
  },
  allowing(
    'AmazonSQSFullAccess',
    'Provides full access to Amazon SQS via the AWS Management Console.',
    ['sqs:*'],
  ),
  allowing(
    'AmazonSQSReadOnlyAccess',
    'Provides read only access to Amazon SQS via the AWS Management Console.',
    [
      'sqs:GetQueueAttributes',
      'sqs:GetQueueUrl',
      'sqs:ListDeadLetterSourceQueues',
      'sqs:ListQueues',
      'sqs:ListMessageMoveTasks',
      'sqs:ListQueueTags',
    ],
  ),
  allowing('AmazonSSMReadOnlyAccess', 'Provides read only access to Amazon SSM.', [
    'ssm:Describe*',
    'ssm:Get*',
    'ssm:List*',
  ]),
  allowing('AWSCloudTrail_ReadOnlyAccess', 'Provides read only access to AWS CloudTrail.', [
    'cloudtrail:Get*',
    'cloudtrail:Describe*',
    'cloudtrail:List*',
    'cloudtrail:LookupEvents',
    's3:ListAllMyBuckets',
    'kms:ListAliases',
    'lambda:ListFunctions',
  ]),
  allowing(
    'AWSLambdaBasicExecutionRole',
    'Provides write permissions to CloudWatch Logs.',
    ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
    '/service-role/',
  ),
  allowing(
    'AWSKeyManagementServiceMultiRegionKeysServiceRolePolicy',
    'Enables access to AWS services and resources required for AWS KMS Multi-Region Keys.',
    ['kms:SynchronizeMultiRegionKey'],
    '/aws-service-role/',
  ),
  allowing(
    'AWSKeyManagementServiceCustomKeyStoresServiceRolePolicy',
    'Enables access to AWS services and resources required for AWS KMS custom key stores.',
    [
      'cloudhsm:Describe*',
      'ec2:CreateNetworkInterface',
      'ec2:AuthorizeSecurityGroupIngress',
      'ec2:CreateSecurityGroup',
      'ec2:DescribeSecurityGroups',
      'ec2:RevokeSecurityGroupEgress',
      'ec2:DeleteSecurityGroup',
      'ec2:DescribeVpcs',
      'ec2:DescribeNetworkAcls',
      'ec2:DescribeNetworkInterfaces',
    ],
    '/aws-service-role/',
  ),
]

/** A policy that allows these actions on everything. */
function allowing(
  name: string,
  description: string,
  actions: readonly string[],
  path = '/',
): AwsManaged {
  const statement: Statement = { Effect: 'Allow', Action: actions, Resource: '*' }
  return { name, path, description, statements: [statement] }
}
