package templates_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/tierform/tierform/pkg/cfn"
	"github.com/tierform/tierform/pkg/resources"
	"github.com/tierform/tierform/pkg/templates"
)

const inlineLimit = 51200

// renderRoot compiles a single root.
func renderRoot(t *testing.T, root *cfn.Template) []byte {
	t.Helper()
	compiler, err := cfn.NewCompiler()
	if err != nil {
		t.Fatal(err)
	}
	files, err := compiler.Compile(root)
	if err != nil {
		t.Fatal(err)
	}
	return files[0].Data
}

func TestFoundationRefusesABadConfiguration(t *testing.T) {
	var bad *templates.ConfigError
	if _, err := templates.Foundation(templates.Config{}); !errors.As(err, &bad) {
		t.Errorf("error %v, want a ConfigError", err)
	}
}

func TestFoundationHasARepositoryForEachImage(t *testing.T) {
	foundation := file(t, "foundation.yaml")
	var names []string
	for id, r := range foundation.ofType("AWS::ECR::Repository") {
		names = append(names, text(r.Properties["RepositoryName"]))
		if uri := at(foundation.Outputs, id+"Uri", "Value"); text(uri) != "${"+id+".RepositoryUri}" {
			t.Errorf("output %sUri is %v", id, uri)
		}
	}
	want := []string{"administration", "collector", "envoy"}
	for _, s := range templates.Default().Services {
		want = append(want, s.Name)
	}
	for i, image := range want {
		want[i] = "ecr-" + image + "-${EnvironmentSuffix}"
	}
	slices.Sort(names)
	slices.Sort(want)
	if !slices.Equal(names, want) {
		t.Errorf("repositories %q, want %q", names, want)
	}
}

// R6: scanned, immutable, encrypted with the foundation's key, emptied on delete.
func TestRepositoriesAreSafe(t *testing.T) {
	for id, r := range file(t, "foundation.yaml").ofType("AWS::ECR::Repository") {
		got := fmt.Sprintln(at(r.Properties, "ImageScanningConfiguration", "ScanOnPush"), r.Properties["ImageTagMutability"],
			at(r.Properties, "EncryptionConfiguration", "EncryptionType"), text(at(r.Properties, "EncryptionConfiguration", "KmsKey")), r.Properties["EmptyOnDelete"])
		if want := "true IMMUTABLE KMS ${Key.Arn} true\n"; got != want {
			t.Errorf("%s: %s, want %s", id, got, want)
		}
		if r.DeletionPolicy != "Delete" || r.UpdateReplacePolicy != "Delete" {
			t.Errorf("%s stays behind when the foundation is destroyed", id)
		}
		if got := text(at(r.Properties, "LifecyclePolicy", "LifecyclePolicyText")); got != "${RepositoryLifecycle}" {
			t.Errorf("%s: lifecycle policy %q", id, got)
		}
		if r.Properties["RepositoryPolicyText"] != nil {
			t.Errorf("%s lets somebody in", id)
		}
	}
}

// The repositories' lifecycle policy is a constant: it has one value, which is valid.
func TestLifecyclePolicyIsNoSetting(t *testing.T) {
	parameter := file(t, "foundation.yaml").Parameters["RepositoryLifecycle"]
	policy := text(at(parameter, "Default"))
	if !json.Valid([]byte(policy)) || policy != resources.RepositoryLifecycle() {
		t.Errorf("lifecycle policy %s", policy)
	}
	if allowed := texts(at(parameter, "AllowedValues")); !slices.Equal(allowed, []string{policy}) {
		t.Errorf("it may be %q", allowed)
	}
}

// R15: the key is used through ECR and for the artifact bucket, by principals of this account, and directly by nobody.
func TestFoundationKeyIsUsedThroughServicesOnly(t *testing.T) {
	key := file(t, "foundation.yaml").Resources["Key"]
	if key.Properties["EnableKeyRotation"] != true || key.DeletionPolicy != "Delete" {
		t.Errorf("key does not rotate, or stays: %v %q", key.Properties["EnableKeyRotation"], key.DeletionPolicy)
	}
	administration := []string{"kms:CancelKeyDeletion", "kms:CreateAlias", "kms:DeleteAlias", "kms:Describe", "kms:Disable", "kms:Enable", "kms:Get",
		"kms:List", "kms:Put", "kms:RetireGrant", "kms:RevokeGrant", "kms:RotateKeyOnDemand", "kms:ScheduleKeyDeletion", "kms:TagResource", "kms:Untag", "kms:Update"}
	through := map[string][]string{}
	for _, s := range items(at(key.Properties, "KeyPolicy", "Statement")) {
		if principals := texts(at(s, "Principal", "AWS")); !slices.Equal(principals, []string{"arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}) {
			t.Errorf("%s: principals %v", text(at(s, "Sid")), principals)
		}
		service := strings.Join(texts(at(s, "Condition", "StringEquals", "kms:ViaService")), " ")
		if service == "" {
			for _, action := range texts(at(s, "Action")) {
				if !slices.ContainsFunc(administration, func(prefix string) bool { return strings.HasPrefix(action, prefix) }) {
					t.Errorf("%s may be done directly", action)
				}
			}
			continue
		}
		through[service] = append(through[service], texts(at(s, "Action"))...)
		if !slices.Equal(texts(at(s, "Condition", "StringEquals", "kms:CallerAccount")), []string{"${AWS::AccountId}"}) {
			t.Errorf("%s: callers of other accounts", text(at(s, "Sid")))
		}
		if text(at(key.Metadata, "Exemptions", text(at(s, "Sid")))) == "" {
			t.Errorf("%s names no role and gives no reason", text(at(s, "Sid")))
		}
		bucket := "arn:${AWS::Partition}:s3:::bucket-artifacts-${AWS::AccountId}-${EnvironmentSuffix}"
		contexts := texts(at(s, "Condition", "StringLike", "kms:EncryptionContext:aws:s3:arn"))
		if strings.HasPrefix(service, "s3.") && !slices.Equal(contexts, []string{bucket, bucket + "/*"}) {
			t.Errorf("the key is used for other buckets: %v", contexts)
		}
	}
	want := map[string][]string{
		"ecr.${AWS::Region}.${AWS::URLSuffix}": {"kms:CreateGrant", "kms:DescribeKey", "kms:RetireGrant"},
		"s3.${AWS::Region}.${AWS::URLSuffix}":  {"kms:Decrypt", "kms:GenerateDataKey"},
	}
	if !maps.EqualFunc(through, want, slices.Equal) {
		t.Errorf("use through services %v, want %v", through, want)
	}
}

func TestArtifactBucketIsSafe(t *testing.T) {
	foundation := file(t, "foundation.yaml")
	bucket := foundation.Resources["ArtifactBucket"]
	encryption := at(bucket.Properties, "BucketEncryption", "ServerSideEncryptionConfiguration", 0)
	if text(at(encryption, "ServerSideEncryptionByDefault", "KMSMasterKeyID")) != "${Key.Arn}" || at(encryption, "BucketKeyEnabled") != true {
		t.Errorf("encryption %v", encryption)
	}
	if at(bucket.Properties, "VersioningConfiguration", "Status") != "Enabled" ||
		at(bucket.Properties, "OwnershipControls", "Rules", 0, "ObjectOwnership") != "BucketOwnerEnforced" {
		t.Error("no versions, or ACLs")
	}
	for name, blocked := range at(bucket.Properties, "PublicAccessBlockConfiguration").(map[string]any) {
		if blocked != true {
			t.Errorf("%s is %v", name, blocked)
		}
	}
	if bucket.DeletionPolicy != "Delete" || bucket.UpdateReplacePolicy != "Delete" {
		t.Error("bucket stays behind when the foundation is destroyed")
	}
	for _, s := range items(at(foundation.Resources["ArtifactBucketPolicy"].Properties, "PolicyDocument", "Statement")) {
		if at(s, "Effect") != "Deny" {
			t.Errorf("bucket policy lets somebody in: %v", s)
		}
	}
}

// Current objects are what stacks run with and who deployed what; only what replaced them may go.
func TestArtifactBucketKeepsCurrentObjects(t *testing.T) {
	var days, abort, markers any
	for _, rule := range items(at(file(t, "foundation.yaml").Resources["ArtifactBucket"].Properties, "LifecycleConfiguration", "Rules")) {
		if at(rule, "ExpirationInDays") != nil || at(rule, "Transitions") != nil {
			t.Errorf("current objects expire or move: %v", rule)
		}
		for value, found := range map[*any]any{&days: at(rule, "NoncurrentVersionExpiration", "NoncurrentDays"),
			&abort: at(rule, "AbortIncompleteMultipartUpload", "DaysAfterInitiation"), &markers: at(rule, "ExpiredObjectDeleteMarker")} {
			if found != nil {
				*value = found
			}
		}
	}
	if n, ok := days.(int); !ok || n < 30 || n > 90 {
		t.Errorf("old versions expire after %v days, want 30 to 90", days)
	}
	if abort == nil || markers != true {
		t.Errorf("parts of uploads (%v) or delete markers (%v) stay", abort, markers)
	}
}

// R22, R19: held to the region, and to suffixes that fit every name.
func TestRootsBeforeThePlatformAreHeldToTheirRegion(t *testing.T) {
	foundation, err := templates.Foundation(templates.Default())
	if err != nil {
		t.Fatal(err)
	}
	for _, root := range []*cfn.Template{foundation, templates.DeployRole()} {
		data := string(renderRoot(t, root))
		if !strings.Contains(data, "!Equals [!Ref AWS::Region, us-east-1]") {
			t.Errorf("%s: no rule about the region", root.Name())
		}
		parameters := file(t, root.Name()+".yaml").Parameters
		for name, parameter := range parameters {
			if wanted := at(parameter, "Default") == nil; wanted != (name == "EnvironmentSuffix") {
				t.Errorf("%s: parameter %s must be given: %v", root.Name(), name, wanted)
			}
		}
		if at(parameters, "EnvironmentSuffix", "AllowedPattern") != cfn.SuffixPattern {
			t.Errorf("%s: suffix %v", root.Name(), parameters["EnvironmentSuffix"])
		}
	}
}

func TestRootsBeforeThePlatformSayWhatOthersNeed(t *testing.T) {
	for name, want := range map[string]map[string]string{
		"foundation.yaml":  {"ArtifactBucket": "${ArtifactBucket}", "KeyArn": "${Key.Arn}"},
		"deploy-role.yaml": {"RoleArn": "${Role.Arn}"},
	} {
		for output, value := range want {
			if got := text(at(file(t, name).Outputs, output, "Value")); got != value {
				t.Errorf("%s: output %s is %q, want %q", name, output, got, value)
			}
		}
	}
}

// Both are sent in the body of a request, with the largest catalogue that the platform's limits admit.
func TestRootsBeforeThePlatformFitIntoARequest(t *testing.T) {
	config, last := templates.Default(), 0
	for i := 0; ; i++ {
		s := templates.Default().Services[2]
		s.Name, s.ShortName = fmt.Sprintf("service-with-the-longest-name-%02d", i), fmt.Sprintf("s%d", i)
		s.Port, s.Priority, s.Paths = 9200+i, 1000+i, []string{fmt.Sprintf("/s%d", i)}
		if len(s.Name) != templates.MaxServiceNameLength {
			t.Fatalf("%s has %d characters", s.Name, len(s.Name))
		}
		larger := config
		larger.Services = append(slices.Clone(config.Services), s)
		if larger.Validate() != nil {
			break
		}
		config, last = larger, len(larger.Services)
	}
	if last < 30 {
		t.Fatalf("catalogues end at %d services", last)
	}
	foundation, err := templates.Foundation(config)
	if err != nil {
		t.Fatal(err)
	}
	for _, root := range []*cfn.Template{foundation, templates.DeployRole()} {
		if n := len(renderRoot(t, root)); n > inlineLimit {
			t.Errorf("%s has %d bytes with %d services, a request takes %d", root.Name(), n, last, inlineLimit)
		} else {
			t.Logf("%s: %d bytes with %d services", root.Name(), n, last)
		}
	}
}
