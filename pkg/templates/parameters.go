package templates

import (
	"fmt"
	"strconv"

	"github.com/tierform/tierform/pkg/cfn"
)

// Parameters are the root's parameters, as references.
type Parameters struct {
	EnvironmentSuffix                        cfn.EnvironmentSuffix
	VPCCIDR, OperatorsCIDR                   cfn.CIDR
	EgressPrefixList                         cfn.PrefixListID
	Endpoints, CloudTrail, AlarmEmail        cfn.Text
	AuditArchiveBucketName                   cfn.BucketName
	AuditArchiveKeyARN                       cfn.KeyARN
	CertificateARN                           cfn.CertificateARN
	DomainName                               cfn.HostName
	HostedZoneID                             cfn.HostedZoneID
	DatabaseMinCapacity, DatabaseMaxCapacity cfn.Number
	BackupRetentionDays                      cfn.Number
	MinTasks, MaxTasks                       map[string]cfn.Number // by service
	ActiveColors                             map[string]cfn.Text   // by service
	ImageDigests                             map[string]cfn.Text   // by service, and for the platform's images
}

// The two values of a switch.
const (
	enabled  = "enabled"
	disabled = "disabled"
)

// region is the only region the platform may be deployed to (R22).
const region = "us-east-1"

// rootParameters declares the root's parameters with their constraints, rules and the order in which a console shows
// them. Nested templates get values only, because constraints and placeholders of change sets exclude each other.
func rootParameters(root *cfn.Template, config Config) Parameters {
	p := Parameters{
		EnvironmentSuffix: addSuffix(root),
		VPCCIDR: cfn.AddParameter[cfn.CIDR](root, "VpcCidr", cfn.Parameter{
			Description: "Address range of the VPC, a private /16 that no connected network uses.", Default: new("10.0.0.0/16"),
			AllowedPattern:        `^(10\.(25[0-5]|2[0-4]\d|1?\d?\d)|172\.(1[6-9]|2\d|3[01])|192\.168)\.0\.0/16$`,
			ConstraintDescription: "a private /16, such as 10.20.0.0/16",
		}),
		OperatorsCIDR: cfn.AddParameter[cfn.CIDR](root, "OperatorsCidr", cfn.Parameter{
			Description:           "Public addresses of the operators; services that are not public answer nobody else. At most a /16.",
			AllowedPattern:        `^((25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(25[0-5]|2[0-4]\d|1?\d?\d)/(1[6-9]|2\d|3[0-2])$`,
			ConstraintDescription: "an IPv4 block from /16 to /32, such as 203.0.113.0/24",
		}),
		EgressPrefixList: cfn.AddParameter[cfn.PrefixListID](root, "EgressPrefixListId", cfn.Parameter{
			Description: "Prefix list of the providers outside AWS that services may call on 443; empty for none.", Default: new(""),
			AllowedPattern: `^(pl-[0-9a-f]{8,17})?$`, ConstraintDescription: "empty, or a prefix list such as pl-0123456789abcdef0",
		}),
		Endpoints: addSwitch(root, "InterfaceEndpoints",
			"Interface endpoints keep calls of AWS services inside the VPC. Disabled, tasks may reach port 443 of any address through NAT: cheaper, for development only."),
		CertificateARN: cfn.AddParameter[cfn.CertificateARN](root, "CertificateArn", cfn.Parameter{
			Description: "ACM certificate of the load balancer; empty to have one issued for DomainName.", Default: new(""),
			AllowedPattern:        `^(arn:aws:acm:us-east-1:\d{12}:certificate/[0-9a-f-]{36})?$`,
			ConstraintDescription: "empty, or the ARN of a certificate in us-east-1",
		}),
		DomainName: cfn.AddParameter[cfn.HostName](root, "DomainName", cfn.Parameter{
			Description: "Name under which customers reach the platform; needs HostedZoneId. Empty leaves DNS to you.", Default: new(""),
			AllowedPattern: `^(([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63})?$`, ConstraintDescription: "empty, or a lower-case DNS name",
		}),
		HostedZoneID: cfn.AddParameter[cfn.HostedZoneID](root, "HostedZoneId", cfn.Parameter{
			Description: "Public Route 53 zone that holds DomainName.", Default: new(""),
			AllowedPattern: `^(Z[A-Z0-9]{1,31})?$`, ConstraintDescription: "empty, or a zone ID such as Z0123456789ABCDEFGHIJ",
		}),
		DatabaseMinCapacity: addNumber(root, "DatabaseMinCapacity", "Least capacity of a database instance in ACU, in half steps. Never 0: payments do not wait for a paused database.", 1, 0.5, 256),
		DatabaseMaxCapacity: addNumber(root, "DatabaseMaxCapacity", "Greatest capacity of a database instance in ACU, in half steps.", 8, 1, 256),
		BackupRetentionDays: addNumber(root, "BackupRetentionDays", "Days that automatic database backups are kept.", 7, 1, 35),
		CloudTrail: addSwitch(root, "CloudTrail",
			"Trail of this account's API calls. Disable it where an organisation's trail exists: a region holds five trails."),
		AuditArchiveBucketName: cfn.AddParameter[cfn.BucketName](root, "AuditArchiveBucketName", cfn.Parameter{
			Description: "Existing bucket, of another account for production, that takes the audit streams; empty to create one that is destroyed with the environment.", Default: new(""),
			AllowedPattern: `^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])?$`, ConstraintDescription: "empty, or a bucket name",
		}),
		AuditArchiveKeyARN: cfn.AddParameter[cfn.KeyARN](root, "AuditArchiveKeyArn", cfn.Parameter{
			Description: "Key, of the account that has AuditArchiveBucketName, that encrypts the audit streams there: what is encrypted with a key of this environment is lost with it.", Default: new(""),
			AllowedPattern:        `^(arn:aws:kms:us-east-1:\d{12}:key/(mrk-[0-9a-f]{32}|[0-9a-f-]{36}))?$`,
			ConstraintDescription: "empty, or the ARN of a key in us-east-1",
		}),
		AlarmEmail: cfn.AddParameter[cfn.Text](root, "AlarmEmail", cfn.Parameter{
			Description: "Address that gets the alarms; empty for none. AWS asks it to confirm.", Default: new(""),
			AllowedPattern: `^([^@\s]+@[^@\s]+\.[^@\s]+)?$`, ConstraintDescription: "empty, or an e-mail address",
		}),
		MinTasks: map[string]cfn.Number{}, MaxTasks: map[string]cfn.Number{}, ActiveColors: map[string]cfn.Text{}, ImageDigests: map[string]cfn.Text{},
	}
	for _, s := range config.Services {
		p.addService(root, config, s)
	}
	for _, image := range []string{administrationImage, envoyImage, collectorImage} {
		p.ImageDigests[image] = addDigest(root, image)
	}
	rootRules(root, p)
	return p
}

func addSuffix(t *cfn.Template) cfn.EnvironmentSuffix {
	p := cfn.EnvironmentSuffix("").Constraint()
	p.Description = "Suffix that all names of this environment end in, such as dev or qa7."
	return cfn.AddParameter[cfn.EnvironmentSuffix](t, "EnvironmentSuffix", p)
}

func addSwitch(t *cfn.Template, name, description string) cfn.Text {
	return cfn.AddParameter[cfn.Text](t, name, cfn.Parameter{
		Description: description, Default: new(enabled), AllowedValues: []string{enabled, disabled},
	})
}

func addNumber(t *cfn.Template, name, description string, value, least, most float64) cfn.Number {
	return cfn.AddParameter[cfn.Number](t, name, cfn.Parameter{
		Type: "Number", Description: description, Default: new(strconv.FormatFloat(value, 'f', -1, 64)), MinValue: new(least), MaxValue: new(most),
		ConstraintDescription: fmt.Sprintf("%v to %v", least, most),
	})
}

// addService declares what a service brings: the number of its tasks, and what the deploy command owns of it.
func (p *Parameters) addService(t *cfn.Template, config Config, s Service) {
	id, least := logicalID(s.Name), 2
	if s.Public {
		least = len(config.Zones)
	}
	most := s.maxTasks(config.Services)
	p.MinTasks[s.Name] = addNumber(t, id+"MinTasks", "Least number of tasks of "+s.Name+".", float64(max(s.Tasks.Min, least)), float64(least), float64(most))
	p.MaxTasks[s.Name] = addNumber(t, id+"MaxTasks", "Greatest number of tasks of "+s.Name+".", float64(s.Tasks.Max), float64(least), float64(most))
	p.ImageDigests[s.Name] = addDigest(t, s.Name)
	p.ActiveColors[s.Name] = cfn.AddParameter[cfn.Text](t, id+"ActiveColor", cfn.Parameter{
		Description:   "Colour that takes the production traffic of " + s.Name + ". Set by the deploy command from what is live.",
		AllowedValues: []string{blue, green},
	})
}

func addDigest(t *cfn.Template, image string) cfn.Text {
	return cfn.AddParameter[cfn.Text](t, logicalID(image)+"ImageDigest", cfn.Parameter{
		Description:    "Digest of the image " + image + " in its repository of the foundation. Set by the deploy command after the scan gate.",
		AllowedPattern: `^sha256:[0-9a-f]{64}$`, ConstraintDescription: "sha256: and 64 hexadecimal digits",
	})
}

// rootRules refuses what the parameters' own constraints cannot: other regions, and a load balancer without certificate.
func rootRules(t *cfn.Template, p Parameters) {
	addRegionRule(t)
	given := func(value string) cfn.Expression { return cfn.Not(cfn.Equals(value, "")) }
	t.Rule("CertificateOrDomain", "", cfn.Assertion{
		Assert:      cfn.Or(given(string(p.CertificateARN)), cfn.And(given(string(p.DomainName)), given(string(p.HostedZoneID)))),
		Description: "Give CertificateArn, or DomainName with HostedZoneId to have a certificate issued: the load balancer speaks TLS only.",
	})
	t.Rule("ArchiveNeedsKey", given(string(p.AuditArchiveBucketName)), cfn.Assertion{
		Assert:      given(string(p.AuditArchiveKeyARN)),
		Description: "AuditArchiveBucketName needs AuditArchiveKeyArn: evidence must not depend on a key that goes with the environment.",
	})
	t.Rule("ArchiveKeyNeedsBucket", given(string(p.AuditArchiveKeyARN)), cfn.Assertion{
		Assert:      given(string(p.AuditArchiveBucketName)),
		Description: "AuditArchiveKeyArn has no effect without AuditArchiveBucketName.",
	})
	t.Rule("HostedZoneNeedsDomain", given(string(p.HostedZoneID)), cfn.Assertion{
		Assert:      given(string(p.DomainName)),
		Description: "HostedZoneId has no effect without DomainName.",
	})
}

// addRegionRule holds a root to the region its templates are written for (R22).
func addRegionRule(t *cfn.Template) {
	t.Rule("RegionIsUsEast1", "", cfn.Assertion{
		Assert:      cfn.Equals(cfn.Region, region),
		Description: "The platform is written for us-east-1: zones, prefix lists and endpoint names are those of that region.",
	})
}
