//! The calls of everyday work, with their parameters as templates, grouped by who makes them.

use crate::event::Sort;

/// One call of a repertoire.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call {
    /// How often, against the others of the repertoire.
    pub(crate) weight: u64,
    pub(crate) source: &'static str,
    pub(crate) name: &'static str,
    pub(crate) sort: Sort,
    pub(crate) request: &'static str,
    pub(crate) response: &'static str,
    pub(crate) resources: &'static str,
}

/// A repertoire.
pub(crate) type Calls = &'static [Call];

const fn call(
    weight: u64,
    source: &'static str,
    name: &'static str,
    sort: Sort,
    request: &'static str,
) -> Call {
    Call { weight, source, name, sort, request, response: "", resources: "" }
}

const fn read(weight: u64, source: &'static str, name: &'static str, request: &'static str) -> Call {
    call(weight, source, name, Sort::Read, request)
}

const fn write(weight: u64, source: &'static str, name: &'static str, request: &'static str) -> Call {
    call(weight, source, name, Sort::Write, request)
}

const fn object(weight: u64, name: &'static str, sort: Sort) -> Call {
    Call { resources: OBJECT, ..call(weight, "s3", name, sort, OBJECT_REQUEST) }
}

impl Call {
    const fn gives(self, response: &'static str) -> Self {
        Self { response, ..self }
    }

    const fn on(self, resources: &'static str) -> Self {
        Self { resources, ..self }
    }

    /// Whether it is logged in us-east-1, wherever it came from.
    pub(crate) fn is_global(&self) -> bool {
        matches!(self.source, "iam" | "route53" | "cloudfront" | "organizations")
    }
}

pub(crate) const OBJECT_REQUEST: &str =
    r#"{"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","key":"<key>"}"#;
pub(crate) const OBJECT: &str = r#"{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::<bucket>/<key>"},{"accountId":"<account>","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::<bucket>"}"#;
pub(crate) const BUCKET: &str =
    r#"{"accountId":"<account>","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::<bucket>"}"#;
const KMS_KEY: &str =
    r#"{"accountId":"<account>","type":"AWS::KMS::Key","ARN":"arn:aws:kms:<region>:<account>:key/<kms>"}"#;
const ROLE: &str =
    r#"{"accountId":"<account>","type":"AWS::IAM::Role","ARN":"arn:aws:iam::<account>:role/<role>"}"#;
const TABLE: &str = r#"{"accountId":"<account>","type":"AWS::DynamoDB::Table","ARN":"arn:aws:dynamodb:<region>:<account>:table/<table>"}"#;

const FILTERS: &str = r#"{"maxResults":<pick:100|200|1000>,"filterSet":{"items":[{"name":"<pick:tag:Name|vpc-id|instance-state-name>","valueSet":{"items":[{"value":"<pick:web-prod|web-stage|running|available>"}]}}]}}"#;
const BUCKET_OF: &str = r#"{"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","<pick:acl|policy|versioning|encryption|logging|location>":""}"#;
const SECRET_REQUEST: &str = r#"{"secretId":"<secret>"}"#;
const SECRET_ARN_REQUEST: &str = r#"{"secretId":"<secretarn>"}"#;
const PARAMETER: &str = r#"{"name":"<param>","withDecryption":true}"#;
const DECRYPT: &str = r#"{"encryptionContext":{"<pick:SecretARN|PARAMETER_ARN|aws:s3:arn|aws:ecr:arn>":"arn:aws:<pick:secretsmanager|ssm|s3|ecr>:<region>:<account>:<low:14>"},"encryptionAlgorithm":"SYMMETRIC_DEFAULT"}"#;
const DATA_KEY: &str = r#"{"keyId":"arn:aws:kms:<region>:<account>:key/<kms>","encryptionContext":{"aws:s3:arn":"arn:aws:s3:::<bucket>"},"keySpec":"AES_256"}"#;
const LOG_STREAM: &str = r#"{"logGroupName":"/aws/<pick:lambda|ecs|codebuild>/<function>","logStreamName":"2026/03/[$LATEST]<hex:32>"}"#;

/// What people do in the console and on the command line.
pub(crate) const PERSON: Calls = &[
    read(60, "ec2", "DescribeInstances", FILTERS),
    read(20, "ec2", "DescribeSecurityGroups", FILTERS),
    read(14, "ec2", "DescribeVpcs", r#"{"vpcSet":{},"filterSet":{}}"#),
    read(14, "ec2", "DescribeVolumes", r#"{"volumeSet":{},"filterSet":{}}"#),
    read(8, "ec2", "DescribeSnapshots", r#"{"maxResults":50,"ownersSet":{"items":[{"owner":"self"}]},"snapshotSet":{}}"#),
    read(30, "cloudwatch", "DescribeAlarms", r#"{"maxRecords":100,"stateValue":"ALARM"}"#),
    read(20, "cloudwatch", "GetDashboard", r#"{"dashboardName":"<pick:web|mail|etl>-overview"}"#),
    read(40, "logs", "FilterLogEvents", r#"{"logGroupName":"/aws/ecs/<cluster>","startTime":1773<n:100000-900000>000,"filterPattern":"ERROR","limit":100}"#),
    read(24, "logs", "StartQuery", r#"{"logGroupNames":["/aws/lambda/<function>"],"startTime":1773<n:100000-900000>,"queryString":"HIDDEN_DUE_TO_SECURITY_REASONS"}"#).gives(r#"{"queryId":"<uuid>"}"#),
    read(16, "s3", "ListBuckets", r#"{"Host":"s3.<region>.amazonaws.com"}"#),
    read(16, "s3", "GetBucketPolicy", BUCKET_OF).on(BUCKET),
    read(10, "s3", "GetBucketVersioning", BUCKET_OF).on(BUCKET),
    read(18, "iam", "ListRoles", r#"{"maxItems":100}"#),
    read(14, "iam", "GetRole", r#"{"roleName":"<role>"}"#),
    read(10, "iam", "ListUsers", r#"{"maxItems":100}"#),
    read(10, "iam", "GetAccountSummary", ""),
    read(8, "iam", "ListAccessKeys", r#"{"userName":"<person>"}"#),
    read(22, "lambda", "ListFunctions20150331", r#"{"maxItems":50}"#),
    read(22, "lambda", "GetFunction20150331v2", r#"{"functionName":"arn:aws:lambda:<region>:<account>:function:<function>"}"#),
    read(20, "ecs", "DescribeServices", r#"{"cluster":"<cluster>","services":["<pick:cms|frontend|search|relay>"]}"#),
    read(16, "ecs", "ListTasks", r#"{"cluster":"<cluster>","desiredStatus":"RUNNING"}"#),
    read(16, "rds", "DescribeDBInstances", r#"{"maxRecords":100}"#),
    read(14, "cloudformation", "DescribeStackEvents", r#"{"stackName":"<pick:web|mail|network>-<pick:prod|stage>"}"#),
    read(16, "cloudtrail", "LookupEvents", r#"{"maxResults":50,"startTime":"Mar 1<n:4-9>, 2026, 8:00:00 AM"}"#),
    read(10, "ce", "GetCostAndUsage", r#"{"timePeriod":{"start":"2026-03-01","end":"2026-03-14"},"granularity":"DAILY","metrics":["UnblendedCost"]}"#),
    read(10, "sts", "GetCallerIdentity", ""),
    read(12, "secretsmanager", "ListSecrets", r#"{"maxResults":100}"#),
    read(6, "secretsmanager", "GetSecretValue", SECRET_REQUEST),
    read(10, "ssm", "DescribeParameters", r#"{"maxResults":50}"#),
    read(10, "health", "DescribeEventAggregates", r#"{"aggregateField":"eventTypeCategory","filter":{"eventStatusCodes":["open","upcoming"]}}"#),
    read(10, "route53", "ListResourceRecordSets", r#"{"hostedZoneId":"Z0<up:18>","maxItems":"300"}"#),
    write(6, "ecs", "UpdateService", r#"{"cluster":"<cluster>","service":"<pick:cms|frontend|search|relay>","forceNewDeployment":true}"#).gives(r#"{"service":{"serviceName":"cms","status":"ACTIVE","desiredCount":<n:2-8>,"runningCount":<n:2-8>,"launchType":"FARGATE"}}"#),
    write(5, "ec2", "StartInstances", r#"{"instancesSet":{"items":[{"instanceId":"<i>"}]}}"#).gives(r#"{"requestId":"<uuid>","instancesSet":{"items":[{"currentState":{"code":0,"name":"pending"},"previousState":{"code":80,"name":"stopped"}}]}}"#),
    write(6, "ec2", "CreateTags", r#"{"resourcesSet":{"items":[{"resourceId":"<i>"}]},"tagSet":{"items":[{"key":"Owner","value":"<person>"}]}}"#).gives(r#"{"requestId":"<uuid>","_return":true}"#),
    write(4, "logs", "PutRetentionPolicy", r#"{"logGroupName":"/aws/lambda/<function>","retentionInDays":<pick:30|90|365>}"#),
    write(4, "cloudwatch", "PutMetricAlarm", r#"{"alarmName":"<function>-errors","metricName":"Errors","namespace":"AWS/Lambda","statistic":"Sum","period":300,"evaluationPeriods":1,"threshold":<n:1-20>.0,"comparisonOperator":"GreaterThanThreshold"}"#),
    write(3, "lambda", "UpdateFunctionConfiguration20150331v2", r#"{"functionName":"<function>","timeout":<n:10-120>,"memorySize":512}"#).gives(r#"{"functionName":"<function>","functionArn":"arn:aws:lambda:<region>:<account>:function:<function>","runtime":"python3.12","state":"Active"}"#),
    write(2, "ec2", "CreateSnapshot", r#"{"volumeId":"<vol>","description":"before maintenance"}"#).gives(r#"{"requestId":"<uuid>","snapshotId":"snap-0<hex:16>","volumeId":"<vol>","status":"pending","volumeSize":"<n:20-500>","ownerId":"<account>","encrypted":true}"#),
    write(2, "ec2", "AuthorizeSecurityGroupIngress", r#"{"groupId":"<sg>","ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":<pick:443|5432|8443>,"toPort":8443,"groups":{},"ipRanges":{"items":[{"cidrIp":"10.<n:10-40>.0.0/16"}]}}]}}"#).gives(r#"{"requestId":"<uuid>","_return":true}"#),
];

/// What Terraform asks and changes.
pub(crate) const TERRAFORM: Calls = &[
    read(40, "ec2", "DescribeVpcs", r#"{"vpcSet":{"items":[{"vpcId":"<vpc>"}]},"filterSet":{}}"#),
    read(40, "ec2", "DescribeSubnets", r#"{"subnetSet":{"items":[{"subnetId":"<subnet>"}]},"filterSet":{}}"#),
    read(40, "ec2", "DescribeSecurityGroups", r#"{"securityGroupSet":{},"securityGroupIdSet":{"items":[{"groupId":"<sg>"}]},"filterSet":{}}"#),
    read(30, "ec2", "DescribeRouteTables", r#"{"routeTableIdSet":{},"filterSet":{}}"#),
    read(20, "ec2", "DescribeVpcAttribute", r#"{"vpcId":"<vpc>","attribute":"enableDnsSupport"}"#),
    read(50, "iam", "GetRole", r#"{"roleName":"<role>"}"#),
    read(40, "iam", "ListRolePolicies", r#"{"roleName":"<role>"}"#),
    read(40, "iam", "ListAttachedRolePolicies", r#"{"roleName":"<role>"}"#),
    read(20, "iam", "GetPolicy", r#"{"policyArn":"arn:aws:iam::<account>:policy/<function>-runtime"}"#),
    read(20, "iam", "GetPolicyVersion", r#"{"policyArn":"arn:aws:iam::<account>:policy/<function>-runtime","versionId":"v<n:1-5>"}"#),
    read(40, "s3", "GetBucketAcl", BUCKET_OF).on(BUCKET),
    read(40, "s3", "GetBucketPolicy", BUCKET_OF).on(BUCKET),
    read(30, "s3", "GetBucketEncryption", BUCKET_OF).on(BUCKET),
    read(30, "s3", "GetBucketVersioning", BUCKET_OF).on(BUCKET),
    read(24, "lambda", "GetFunction20150331v2", r#"{"functionName":"<function>"}"#),
    read(24, "lambda", "ListVersionsByFunction20150331", r#"{"functionName":"<function>"}"#),
    read(20, "route53", "GetHostedZone", r#"{"id":"Z0<up:18>"}"#),
    read(20, "rds", "DescribeDBInstances", r#"{"dBInstanceIdentifier":"web-prod-<n:1-4>"}"#),
    read(20, "rds", "ListTagsForResource", r#"{"resourceName":"arn:aws:rds:<region>:<account>:db:web-prod-<n:1-4>"}"#),
    read(20, "secretsmanager", "DescribeSecret", SECRET_ARN_REQUEST),
    read(10, "secretsmanager", "GetSecretValue", SECRET_ARN_REQUEST),
    call(16, "dynamodb", "GetItem", Sort::DataRead, r#"{"tableName":"terraform-locks","key":{"LockID":"HIDDEN_DUE_TO_SECURITY_REASONS"},"consistentRead":true}"#).on(r#"{"accountId":"<account>","type":"AWS::DynamoDB::Table","ARN":"arn:aws:dynamodb:<region>:<account>:table/terraform-locks"}"#),
    write(6, "ec2", "CreateTags", r#"{"resourcesSet":{"items":[{"resourceId":"<subnet>"}]},"tagSet":{"items":[{"key":"ManagedBy","value":"terraform"}]}}"#).gives(r#"{"requestId":"<uuid>","_return":true}"#),
    write(4, "ec2", "AuthorizeSecurityGroupIngress", r#"{"groupId":"<sg>","ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":443,"toPort":443,"groups":{"items":[{"groupId":"<sg>"}]},"ipRanges":{}}]}}"#).gives(r#"{"requestId":"<uuid>","_return":true}"#),
    write(4, "iam", "CreatePolicyVersion", r#"{"policyArn":"arn:aws:iam::<account>:policy/<function>-runtime","policyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"s3:GetObject\"],\"Resource\":\"arn:aws:s3:::<bucket>/*\"}]}","setAsDefault":true}"#).gives(r#"{"policyVersion":{"versionId":"v<n:2-9>","isDefaultVersion":true,"createDate":"<american>"}}"#),
    write(3, "iam", "TagRole", r#"{"roleName":"<role>","tags":[{"key":"ManagedBy","value":"terraform"}]}"#),
    write(5, "lambda", "UpdateFunctionCode20150331v2", r#"{"functionName":"<function>","s3Bucket":"<bucket>","s3Key":"artifacts/<hex:40>.zip","publish":true,"dryRun":false}"#).gives(r#"{"functionName":"<function>","functionArn":"arn:aws:lambda:<region>:<account>:function:<function>","runtime":"python3.12","codeSize":<n:20000-9000000>,"version":"<n:10-400>"}"#),
    write(3, "ssm", "PutParameter", r#"{"name":"<param>","type":"String","value":"HIDDEN_DUE_TO_SECURITY_REASONS","overwrite":true}"#).gives(r#"{"version":<n:2-90>,"tier":"Standard"}"#),
];

/// What image builds ask of the registry.
pub(crate) const REGISTRY: Calls = &[
    read(20, "ecr", "GetAuthorizationToken", "").gives(""),
    read(60, "ecr", "BatchCheckLayerAvailability", r#"{"repositoryName":"<repo>","layerDigests":["sha256:<hex:64>"],"registryId":"<account>"}"#),
    write(30, "ecr", "InitiateLayerUpload", r#"{"repositoryName":"<repo>","registryId":"<account>"}"#).gives(r#"{"uploadId":"<uuid>","partSize":20971520}"#),
    write(30, "ecr", "UploadLayerPart", r#"{"repositoryName":"<repo>","registryId":"<account>","uploadId":"<uuid>","partFirstByte":0,"partLastByte":<n:20000-20971519>}"#),
    write(30, "ecr", "CompleteLayerUpload", r#"{"repositoryName":"<repo>","registryId":"<account>","uploadId":"<uuid>","layerDigests":["sha256:<hex:64>"]}"#),
    write(20, "ecr", "PutImage", r#"{"repositoryName":"<repo>","registryId":"<account>","imageTag":"<hex:12>","imageManifestMediaType":"application/vnd.docker.distribution.manifest.v2+json"}"#).gives(r#"{"image":{"repositoryName":"<repo>","registryId":"<account>","imageId":{"imageDigest":"sha256:<hex:64>","imageTag":"<hex:12>"}}}"#),
    read(20, "ecr", "BatchGetImage", r#"{"repositoryName":"<repo>","imageIds":[{"imageTag":"latest"}],"registryId":"<account>"}"#),
    write(10, "logs", "CreateLogStream", LOG_STREAM),
];

/// What a build project does.
pub(crate) const BUILD: Calls = &[
    write(20, "logs", "CreateLogStream", LOG_STREAM),
    read(20, "ssm", "GetParameters", r#"{"names":["<param>","<param>"],"withDecryption":true}"#),
    read(12, "secretsmanager", "GetSecretValue", SECRET_REQUEST),
    read(14, "kms", "Decrypt", DECRYPT).on(KMS_KEY),
    read(14, "ecr", "GetAuthorizationToken", ""),
    object(20, "GetObject", Sort::DataRead),
    object(12, "PutObject", Sort::DataWrite),
    read(8, "sts", "GetCallerIdentity", ""),
    write(
        6,
        "codebuild",
        "BatchPutTestCases",
        r#"{"reportArn":"arn:aws:codebuild:<region>:<account>:report/web-tests:<uuid>","testCases":[]}"#,
    ),
];

/// What a deployment does.
pub(crate) const DEPLOY: Calls = &[
    read(30, "ecs", "DescribeTaskDefinition", r#"{"taskDefinition":"<pick:cms|frontend|search|relay>:<n:100-400>"}"#),
    write(10, "ecs", "RegisterTaskDefinition", r#"{"family":"<pick:cms|frontend|search|relay>","networkMode":"awsvpc","requiresCompatibilities":["FARGATE"],"cpu":"1024","memory":"2048","executionRoleArn":"arn:aws:iam::<account>:role/ecs-execution","taskRoleArn":"arn:aws:iam::<account>:role/<role>"}"#).gives(r#"{"taskDefinition":{"taskDefinitionArn":"arn:aws:ecs:<region>:<account>:task-definition/cms:<n:100-400>","revision":<n:100-400>,"status":"ACTIVE"}}"#),
    write(10, "ecs", "UpdateService", r#"{"cluster":"<cluster>","service":"<pick:cms|frontend|search|relay>","taskDefinition":"arn:aws:ecs:<region>:<account>:task-definition/cms:<n:100-400>"}"#),
    read(40, "ecs", "DescribeServices", r#"{"cluster":"<cluster>","services":["<pick:cms|frontend|search|relay>"]}"#),
    write(8, "cloudfront", "CreateInvalidation", r#"{"distributionId":"E<up:13>","invalidationBatch":{"callerReference":"<uuid>","paths":{"quantity":1,"items":["/*"]}}}"#).gives(r#"{"invalidation":{"id":"I<up:20>","status":"InProgress"}}"#),
    read(10, "elasticloadbalancing", "DescribeTargetHealth", r#"{"targetGroupArn":"arn:aws:elasticloadbalancing:<region>:<account>:targetgroup/web/<hex:16>"}"#),
];

/// What the pipeline with the stolen key does: it publishes the sites.
pub(crate) const PUBLISH: Calls = &[
    read(10, "sts", "GetCallerIdentity", ""),
    object(60, "PutObject", Sort::DataWrite),
    object(14, "GetObject", Sort::DataRead),
    read(12, "s3", "ListBuckets", r#"{"Host":"s3.<region>.amazonaws.com"}"#),
    read(10, "ecr", "GetAuthorizationToken", ""),
    write(14, "cloudfront", "CreateInvalidation", r#"{"distributionId":"E<up:13>","invalidationBatch":{"callerReference":"gitlab-<n:100000-999999>","paths":{"quantity":1,"items":["/*"]}}}"#).gives(r#"{"invalidation":{"id":"I<up:20>","status":"InProgress"}}"#),
    read(8, "secretsmanager", "GetSecretValue", r#"{"secretId":"prod/web/cdn-token"}"#),
    write(8, "ecs", "UpdateService", r#"{"cluster":"web-prod","service":"<pick:cms|frontend>","forceNewDeployment":true}"#),
];

/// What the posture scanner lists, every hour, everywhere.
pub(crate) const POSTURE: Calls = &[
    read(10, "iam", "ListUsers", r#"{"maxItems":1000}"#),
    read(10, "iam", "ListRoles", r#"{"maxItems":1000}"#),
    read(20, "iam", "ListAttachedUserPolicies", r#"{"userName":"<person>"}"#),
    read(20, "iam", "ListAttachedRolePolicies", r#"{"roleName":"<role>"}"#),
    read(20, "iam", "ListAccessKeys", r#"{"userName":"<person>"}"#),
    read(10, "iam", "GetAccountAuthorizationDetails", r#"{"maxItems":1000,"filter":["User","Role"]}"#),
    read(8, "iam", "GenerateCredentialReport", ""),
    read(20, "ec2", "DescribeInstances", r#"{"maxResults":1000,"instancesSet":{},"filterSet":{}}"#),
    read(20, "ec2", "DescribeSecurityGroups", r#"{"maxResults":1000}"#),
    read(12, "ec2", "DescribeSnapshots", r#"{"ownersSet":{"items":[{"owner":"self"}]},"snapshotSet":{}}"#),
    read(
        10,
        "ec2",
        "DescribeSnapshotAttribute",
        r#"{"snapshotId":"<snap>","attributeType":"CREATE_VOLUME_PERMISSION"}"#,
    ),
    read(12, "ec2", "DescribeImages", r#"{"ownersSet":{"items":[{"owner":"self"}]}}"#),
    read(20, "lambda", "ListFunctions20150331", r#"{"maxItems":50}"#),
    read(20, "lambda", "GetPolicy20150331v2", r#"{"functionName":"<function>"}"#),
    read(12, "rds", "DescribeDBInstances", r#"{"maxRecords":100}"#),
    read(12, "rds", "DescribeDBSnapshots", r#"{"includeShared":false,"includePublic":false}"#),
    read(8, "route53", "ListHostedZones", r#"{"maxItems":"100"}"#),
    read(10, "s3", "ListBuckets", r#"{"Host":"s3.amazonaws.com"}"#),
    read(24, "s3", "GetBucketPublicAccessBlock", BUCKET_OF).on(BUCKET),
    read(24, "s3", "GetBucketPolicyStatus", BUCKET_OF).on(BUCKET),
    read(24, "s3", "GetBucketLogging", BUCKET_OF).on(BUCKET),
    read(8, "ecs", "ListClusters", r#"{"maxResults":100}"#),
    read(8, "ecs", "ListTaskDefinitions", r#"{"maxResults":100}"#),
    read(8, "secretsmanager", "ListSecrets", r#"{"maxResults":100}"#),
    read(10, "kms", "DescribeKey", r#"{"keyId":"<kms>"}"#).on(KMS_KEY),
    read(10, "cloudtrail", "DescribeTrails", r#"{"trailNameList":[],"includeShadowTrails":true}"#),
    read(
        10,
        "cloudtrail",
        "GetTrailStatus",
        r#"{"name":"arn:aws:cloudtrail:<region>:<account>:trail/organisation-<region>"}"#,
    ),
    read(8, "guardduty", "ListDetectors", r#"{"maxResults":50}"#),
];

/// What AWS Config and Inventory ask on the account's behalf.
pub(crate) const CONFIG: Calls = &[
    read(
        20,
        "ec2",
        "DescribeInstances",
        r#"{"instancesSet":{"items":[{"instanceId":"<i>"}]},"filterSet":{}}"#,
    ),
    read(
        20,
        "ec2",
        "DescribeNetworkInterfaces",
        r#"{"networkInterfaceIdSet":{"items":[{"networkInterfaceId":"<eni>"}]},"filterSet":{}}"#,
    ),
    read(20, "s3", "GetBucketAcl", BUCKET_OF).on(BUCKET),
    read(20, "s3", "GetBucketLifecycle", BUCKET_OF).on(BUCKET),
    read(20, "s3", "GetBucketReplication", BUCKET_OF).on(BUCKET),
    read(10, "iam", "GetRolePolicy", r#"{"roleName":"<role>","policyName":"runtime"}"#),
    read(10, "lambda", "GetFunctionConfiguration20150331v2", r#"{"functionName":"<function>"}"#),
    write(
        12,
        "config",
        "PutEvaluations",
        r#"{"evaluations":[{"complianceResourceType":"AWS::S3::Bucket","complianceResourceId":"<bucket>","complianceType":"<pick:COMPLIANT|COMPLIANT|NON_COMPLIANT>","orderingTimestamp":"<american>"}],"resultToken":"<b64:200>","testMode":false}"#,
    ),
];

/// What functions and tasks of the applications do.
pub(crate) const APPLICATION: Calls = &[
    read(60, "kms", "Decrypt", DECRYPT).on(KMS_KEY),
    read(40, "secretsmanager", "GetSecretValue", SECRET_REQUEST),
    read(30, "ssm", "GetParameter", PARAMETER),
    object(60, "GetObject", Sort::DataRead),
    object(20, "PutObject", Sort::DataWrite),
    write(16, "logs", "CreateLogStream", LOG_STREAM),
    read(16, "kms", "GenerateDataKey", DATA_KEY).on(KMS_KEY),
    call(
        20,
        "dynamodb",
        "GetItem",
        Sort::DataRead,
        r#"{"tableName":"<table>","key":{"id":"HIDDEN_DUE_TO_SECURITY_REASONS"},"consistentRead":false}"#,
    )
    .on(TABLE),
    call(14, "dynamodb", "PutItem", Sort::DataWrite, r#"{"tableName":"<table>","items":["id"]}"#).on(TABLE),
    write(
        10,
        "sqs",
        "CreateQueue",
        r#"{"queueName":"<function>-dead-letters","attributes":{"MessageRetentionPeriod":"1209600"}}"#,
    ),
    read(
        6,
        "ec2",
        "DescribeNetworkInterfaces",
        r#"{"networkInterfaceIdSet":{},"filterSet":{"items":[{"name":"group-id","valueSet":{"items":[{"value":"<sg>"}]}}]}}"#,
    ),
];

/// What instances do with their role.
pub(crate) const INSTANCE: Calls = &[
    write(
        50,
        "ssm",
        "UpdateInstanceInformation",
        r#"{"instanceId":"<i>","agentVersion":"3.3.<n:100-1900>.0","agentStatus":"Active","platformType":"Linux","platformName":"Amazon Linux","platformVersion":"2023","iPAddress":"10.20.<n:0-90>.<n:4-250>","computerName":"ip-10-20-<n:0-90>-<n:4-250>.<region>.compute.internal"}"#,
    ),
    write(20, "ssm", "ListInstanceAssociations", r#"{"instanceId":"<i>","maxResults":20}"#),
    read(30, "secretsmanager", "GetSecretValue", SECRET_REQUEST),
    object(50, "GetObject", Sort::DataRead),
    read(20, "kms", "Decrypt", DECRYPT).on(KMS_KEY),
    read(
        20,
        "ec2",
        "DescribeTags",
        r#"{"maxResults":1000,"filterSet":{"items":[{"name":"resource-id","valueSet":{"items":[{"value":"<i>"}]}}]}}"#,
    ),
    write(14, "cloudwatch", "PutMetricData", r#"{"namespace":"CWAgent","metricData":[]}"#),
];

/// What the nightly load does: objects, by the hundred thousand.
pub(crate) const LOAD: Calls = &[
    object(900, "GetObject", Sort::DataRead),
    object(40, "PutObject", Sort::DataWrite),
    read(10, "kms", "Decrypt", DECRYPT).on(KMS_KEY),
    call(20, "s3", "ListObjects", Sort::DataRead, r#"{"list-type":"2","bucketName":"<bucket>","max-keys":"1000","prefix":"export/","encoding-type":"url","Host":"<bucket>.s3.<region>.amazonaws.com"}"#).on(BUCKET),
    read(3, "secretsmanager", "GetSecretValue", r#"{"secretId":"prod/etl/source"}"#),
    read(3, "glue", "GetTable", r#"{"databaseName":"lake","name":"<table>"}"#),
];

/// What replication and archiving do.
pub(crate) const REPLICATION: Calls = &[
    object(40, "GetObject", Sort::DataRead),
    object(40, "PutObject", Sort::DataWrite),
    object(10, "HeadObject", Sort::DataRead),
    object(6, "DeleteObject", Sort::DataWrite),
];

/// What backup does at night.
pub(crate) const BACKUP: Calls = &[
    read(20, "ec2", "DescribeVolumes", r#"{"volumeSet":{"items":[{"volumeId":"<vol>"}]},"filterSet":{}}"#),
    write(30, "ec2", "CreateSnapshot", r#"{"volumeId":"<vol>","description":"This snapshot is created by the AWS Backup service.","tagSpecificationSet":{"items":[{"resourceType":"snapshot","tags":[{"key":"aws:backup:source-resource","value":"<vol>"}]}]}}"#).gives(r#"{"requestId":"<uuid>","snapshotId":"snap-0<hex:16>","volumeId":"<vol>","status":"pending","volumeSize":"<n:20-900>","ownerId":"<account>","encrypted":true}"#),
    write(20, "ec2", "CopySnapshot", r#"{"sourceRegion":"<region>","sourceSnapshotId":"<snap>","description":"AWS Backup copy","encrypted":true}"#).gives(r#"{"requestId":"<uuid>","snapshotId":"snap-0<hex:16>"}"#),
    read(30, "ec2", "DescribeSnapshots", r#"{"snapshotSet":{"items":[{"snapshotId":"<snap>"}]},"ownersSet":{},"filterSet":{}}"#),
    write(14, "ec2", "DeleteSnapshot", r#"{"snapshotId":"<snap>"}"#).gives(r#"{"requestId":"<uuid>","_return":true}"#),
    write(10, "rds", "CreateDBSnapshot", r#"{"dBSnapshotIdentifier":"awsbackup:job-<uuid>","dBInstanceIdentifier":"web-prod-<n:1-4>"}"#).gives(r#"{"dBSnapshotIdentifier":"awsbackup:job-<uuid>","engine":"postgres","status":"creating","allocatedStorage":<n:100-900>,"encrypted":true}"#),
];

/// What autoscaling does for the group.
pub(crate) const SCALING: Calls = &[
    write(20, "ec2", "RunInstances", r#"{"instancesSet":{"items":[{"minCount":1,"maxCount":1}]},"clientToken":"fleet-<uuid>","instanceType":"m7g.large","subnetId":"<subnet>","iamInstanceProfile":{"name":"web-node"},"launchTemplate":{"launchTemplateId":"lt-0<hex:16>","version":"<n:2-40>"}}"#).gives(r#"{"requestId":"<uuid>","reservationId":"r-0<hex:16>","ownerId":"<account>","groupSet":{},"instancesSet":{"items":[{"instanceId":"i-0<hex:16>","imageId":"ami-0<hex:16>","instanceState":{"code":0,"name":"pending"},"instanceType":"m7g.large","subnetId":"<subnet>","vpcId":"<vpc>"}]}}"#),
    write(20, "ec2", "TerminateInstances", r#"{"instancesSet":{"items":[{"instanceId":"<i>"}]}}"#).gives(r#"{"requestId":"<uuid>","instancesSet":{"items":[{"instanceId":"<i>","currentState":{"code":32,"name":"shutting-down"},"previousState":{"code":16,"name":"running"}}]}}"#),
    read(40, "ec2", "DescribeInstanceStatus", r#"{"instancesSet":{"items":[{"instanceId":"<i>"}]},"includeAllInstances":true}"#),
    write(20, "elasticloadbalancing", "RegisterTargets", r#"{"targetGroupArn":"arn:aws:elasticloadbalancing:<region>:<account>:targetgroup/web/<hex:16>","targets":[{"id":"<i>"}]}"#),
    read(20, "ec2", "DescribeLaunchTemplateVersions", r#"{"launchTemplateIds":{},"versions":{}}"#),
];

/// What CloudFormation does for a stack set.
pub(crate) const STACKS: Calls = &[
    write(10, "cloudformation", "UpdateStack", r#"{"stackName":"StackSet-baseline-<uuid>","capabilities":["CAPABILITY_NAMED_IAM"],"usePreviousTemplate":true}"#).gives(r#"{"stackId":"arn:aws:cloudformation:<region>:<account>:stack/StackSet-baseline/<uuid>"}"#),
    read(30, "cloudformation", "DescribeStacks", r#"{"stackName":"StackSet-baseline-<uuid>"}"#),
    read(10, "iam", "GetRole", r#"{"roleName":"<role>"}"#),
    write(4, "iam", "PutRolePolicy", r#"{"roleName":"baseline-config","policyName":"runtime","policyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"config:Put*\",\"Resource\":\"*\"}]}"}"#),
    write(4, "events", "PutRule", r#"{"name":"baseline-config-<n:1-9>","scheduleExpression":"rate(1 day)","state":"ENABLED"}"#).gives(r#"{"ruleArn":"arn:aws:events:<region>:<account>:rule/baseline-config"}"#),
];

/// What services assume roles for.
pub(crate) const ASSUME_BY_SERVICE: Calls = &[read(
    10,
    "sts",
    "AssumeRole",
    r#"{"roleArn":"arn:aws:iam::<account>:role/<role>","roleSessionName":"<low:12>","durationSeconds":3600}"#,
)
.gives(
    r#"{"credentials":{"accessKeyId":"ASIA<up:16>","sessionToken":"<b64:160>","expiration":"<american>"}}"#,
)
.on(ROLE)];

/// What services tell of themselves.
pub(crate) const TOLD: Calls = &[
    call(20, "kms", "RotateKey", Sort::Service, "").on(KMS_KEY),
    call(20, "backup", "BackupJobCompleted", Sort::Service, ""),
    call(10, "ec2", "BidEvictedEvent", Sort::Service, ""),
    call(10, "autoscaling", "TerminateInstanceInAutoScalingGroup", Sort::Service, ""),
    call(10, "sso", "RefreshTrustedToken", Sort::Service, ""),
];
