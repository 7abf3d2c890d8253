package templates

import (
	"github.com/awslabs/goformation/v7/cloudformation/s3"

	"github.com/tierform/tierform/pkg/cfn"
	"github.com/tierform/tierform/pkg/resources"
)

// The foundation: what must exist before the first image and the first nested template (R6, R15, R32): image
// repositories, the bucket that holds templates and the deploy command's records, their key, and what pipelines may do. It
// is a root of its own, deployed with its caller's own permissions: the deploy role can change nothing in it.

// foundation is the template in the making.
type foundation struct {
	*cfn.Template
	env Environment
	key cfn.KeyARN
}

// Foundation is the template of the foundation stack. It is sent inline, since no bucket exists before it.
func Foundation(config Config) (*cfn.Template, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	root := cfn.NewTemplate("foundation", "Foundation of a payment platform: image repositories, the artifact bucket, their key, and roles of pipelines")
	root.SentInline()
	f := foundation{Template: root, env: Environment{EnvironmentSuffix: addSuffix(root)}}
	addRegionRule(root)
	f.addKey()
	f.addArtifactBucket()
	f.addRepositories(config)
	f.addPipelineRoles()
	return root, nil
}

// images lists the images that have a repository: those of the services, then the platform's own.
func (c Config) images() (list []string) {
	for _, s := range c.Services {
		list = append(list, s.Name)
	}
	return append(list, administrationImage, envoyImage, collectorImage)
}

// addKey declares the key. Who bootstraps an environment and uploads its templates is not known here, so the principals
// are the account's, by way of one service each; their own policies must allow it, too.
func (f *foundation) addKey() {
	const unknown = "the pipelines and people that deploy are not known to the template; their own policies must allow it as well"
	use := func(sid, service string, actions ...string) resources.Statement {
		return resources.Statement{
			Sid: sid, Exempt: unknown, Principals: resources.Principals{AWS: []string{resources.AccountRoot()}}, Actions: actions,
			Conditions: resources.Conditions{"StringEquals": {
				"kms:CallerAccount": {cfn.AccountID}, "kms:ViaService": {via(service)},
			}},
		}
	}
	bucket := resources.BucketNameARN(f.env.artifactBucketName())
	key := cfn.Add(f.Template, "Key", "Key of the image repositories and the artifact bucket", resources.Key("Images and deployment artifacts",
		// A repository works with two grants that ECR makes when it is created and retires when it is deleted.
		// https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html
		use("Repositories", "ecr", "kms:CreateGrant", "kms:DescribeKey", "kms:RetireGrant"),
		use("ArtifactBucket", "s3", "kms:Decrypt", "kms:GenerateDataKey").
			And("StringLike", "kms:EncryptionContext:aws:s3:arn", bucket, bucket+"/*"),
	))
	f.key = resources.KeyARN(key)
	cfn.Add(f.Template, "KeyAlias", "Name by which people find the key", resources.KeyAlias(f.env.foundationKeyName(), f.key))
	f.AddOutput("KeyArn", "Key of the image repositories and the artifact bucket", string(f.key))
}

// oldVersionDays is how long the bucket keeps what was overwritten or deleted.
const oldVersionDays = 90

// foundationKeyName is the key's name in its alias.
func (e Environment) foundationKeyName() string { return e.Name("foundation") }

// artifactBucketName is the bucket's name, which is unique among all accounts.
func (e Environment) artifactBucketName() cfn.BucketName {
	return cfn.BucketName(e.Name("bucket", "artifacts", cfn.AccountID))
}

// addArtifactBucket declares the bucket of templates/<sha256>.yaml and, below env/<suffix>/, of the deploy command's
// lock.json and deployments/<id>.json. Objects stay; what is overwritten or deleted goes after oldVersionDays.
func (f *foundation) addArtifactBucket() {
	properties := resources.Bucket(resources.BucketInput{
		Name: string(f.env.artifactBucketName()), Key: f.key,
		NoAccessLogs: "templates and deployment records hold neither secrets nor cardholder data, and versions show every change; a log would need one more bucket before the platform exists",
	})
	properties.LifecycleConfiguration.Rules[0].NoncurrentVersionExpiration = &s3.Bucket_NoncurrentVersionExpiration{NoncurrentDays: oldVersionDays}
	properties.LifecycleConfiguration.Rules = append(properties.LifecycleConfiguration.Rules,
		s3.Bucket_Rule{Id: new("delete-markers"), Status: "Enabled", ExpiredObjectDeleteMarker: new(true)})
	bucket := cfn.Add(f.Template, "ArtifactBucket", "Holds the nested templates and the records of deployments", properties)
	name := resources.BucketName(bucket)
	cfn.Add(f.Template, "ArtifactBucketPolicy", "Refuses requests to the artifact bucket without TLS 1.2", resources.BucketPolicy(name))
	f.AddOutput("ArtifactBucket", "Bucket of templates and deployment records", string(name))
}

// addRepositories declares a repository for each image. Names say which: the template is sent inline and grows with each image, so
// that words cost. The lifecycle policy is said once for that reason, as a parameter with one value: it is no setting.
func (f *foundation) addRepositories(config Config) {
	policy := resources.RepositoryLifecycle()
	lifecycle := cfn.AddParameter[cfn.Text](f.Template, "RepositoryLifecycle", cfn.Parameter{
		Description: "Lifecycle policy of all repositories: it is said here once, and cannot be another.",
		Default:     &policy, AllowedValues: []string{policy}, ConstraintDescription: "the policy as it stands in the template",
	})
	for _, image := range config.images() {
		id := logicalID(image) + "Repository"
		repository := cfn.Add(f.Template, id, "Holds images", resources.Repository(f.env.RepositoryName(image), f.key, string(lifecycle)))
		f.AddOutput(id+"Uri", "", string(resources.RepositoryURI(repository)))
	}
}
