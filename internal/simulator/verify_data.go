package simulator

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// clusterFacts are what a database cluster of a stack has beside its encryption.
func (s *Simulator) clusterFacts(id string) []element {
	r := s.facts("AWS::RDS::DBCluster", id)
	var members []element
	for _, i := range s.ofType("AWS::RDS::DBInstance") {
		if propertyText(i, "DBClusterIdentifier") == id {
			members = append(members, element{"DBClusterMember", []element{{"DBInstanceIdentifier", i.physical}, {"DBClusterParameterGroupStatus", s.told(i, "DBClusterParameterGroupStatus", "in-sync")}}})
		}
	}
	facts := []element{{"BackupRetentionPeriod", integer(s.told(r, "BackupRetentionPeriod", "1"), 1)}, {"DBClusterParameterGroup", s.told(r, "DBClusterParameterGroupName", "default")}, {"DBClusterMembers", members}}
	if x := s.secrets[r.physical]; x != nil && s.told(r, "MasterUserSecret.SecretStatus", "active") == "active" {
		facts = append(facts, element{"MasterUserSecret", []element{{"SecretArn", x.arn}, {"SecretStatus", "active"}}})
	}
	return facts
}

// clusterKey is what a cluster is encrypted with.
func (s *Simulator) clusterKey(known *cluster) string {
	return s.told(s.facts("AWS::RDS::DBCluster", known.id), "KmsKeyId", known.key)
}

// describeInstances tells of database instances (Amazon RDS API reference, DescribeDBInstances).
func (s *Simulator) describeInstances(c *call) (any, error) {
	r := s.made("AWS::RDS::DBInstance", c.form.Get("DBInstanceIdentifier"))
	if r == nil {
		return nil, fault404("DBInstanceNotFound", "DBInstance "+c.form.Get("DBInstanceIdentifier"))
	}
	return []element{{"DBInstances", []element{{"DBInstance", []element{{"DBInstanceIdentifier", r.physical}, {"DBInstanceArn", s.arnOf(r)}, {"PubliclyAccessible", s.told(r, "PubliclyAccessible", "false") == "true"}}}}}}, nil
}

// describeClusterParameters tells the parameters of a group that somebody set (Amazon RDS API reference, DescribeDBClusterParameters,
// Source user).
func (s *Simulator) describeClusterParameters(c *call) (any, error) {
	r := s.made("AWS::RDS::DBClusterParameterGroup", c.form.Get("DBClusterParameterGroupName"))
	if r == nil {
		return nil, fault404("DBParameterGroupNotFound", "DBClusterParameterGroup "+c.form.Get("DBClusterParameterGroupName"))
	}
	set, _ := property(r, "Parameters").(map[string]any)
	names, next := cut(sortedKeys(set), c.form.Get("Marker"), s.options.PageSize)
	var list []element
	for _, name := range names {
		value := textOf(set[name])
		if changed, is := s.tampered[r.physical][name]; is {
			value = changed
		}
		list = append(list, element{"Parameter", []element{{"ParameterName", name}, {"ParameterValue", value}, {"Source", "user"}}})
	}
	return []element{{"Parameters", list}, {"Marker", next}}, nil
}

// rotationOf tells the rotation of a secret: by RDS, every seven days, of those that it owns (Amazon RDS User Guide, "Password management
// with Amazon RDS and AWS Secrets Manager"), and by a schedule of a stack.
func (s *Simulator) rotationOf(x *secret, m map[string]any) {
	on, days := x.owner == "rds", 7
	for _, r := range s.ofType("AWS::SecretsManager::RotationSchedule") {
		if propertyText(r, "SecretId") == x.arn {
			on, days = true, integer(property(r, "RotationRules", "AutomaticallyAfterDays"), days)
		}
	}
	if s.tampered[x.arn]["RotationEnabled"] == "false" {
		on = false
	}
	if m["RotationEnabled"] = on; on {
		m["RotationRules"] = map[string]any{"AutomaticallyAfterDays": days}
	}
}

// StopRotation turns the rotation of a secret off, given by the beginning of its name.
func (s *Simulator) StopRotation(prefix string) error {
	s.lock.Lock()
	defer s.lock.Unlock()
	for _, key := range sortedKeys(s.secrets) {
		if x := s.secrets[key]; strings.HasPrefix(x.name, prefix) {
			s.tampered[x.arn] = map[string]string{"RotationEnabled": "false"}
			return nil
		}
	}
	return errAbsent("secret", prefix)
}

// secretVersions lists the one version that each secret has, and no value (AWS Secrets Manager API reference, ListSecretVersionIds).
func (s *Simulator) secretVersions(c *call) (any, error) {
	for _, key := range sortedKeys(s.secrets) {
		x := s.secrets[key]
		if x.arn != c.text("SecretId") {
			continue
		}
		versions := []any{map[string]any{"VersionId": "previous", "VersionStages": []any{"AWSPREVIOUS"}, "CreatedDate": epochSeconds(x.at)}}
		if s.tampered[x.arn]["AWSCURRENT"] != "none" {
			versions = append(versions, map[string]any{"VersionId": "current", "VersionStages": []any{"AWSCURRENT"}, "CreatedDate": epochSeconds(x.at)})
		}
		return paged(c, "Versions", "NextToken", 1, versions), nil
	}
	return nil, refuse("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
}

// publicAccessBlock tells what keeps a bucket private (Amazon S3 API reference, GetPublicAccessBlock).
func (s *Simulator) publicAccessBlock(w http.ResponseWriter, _ *call, b *bucket, _ string) *Error {
	var settings []element
	for _, name := range []string{"BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"} {
		if r := s.made("AWS::S3::Bucket", b.name); r != nil && property(r, "PublicAccessBlockConfiguration") != nil && s.told(r, "PublicAccessBlock", "") != "none" {
			settings = append(settings, element{name, s.told(r, "PublicAccessBlockConfiguration."+name, "false")})
		}
	}
	if len(settings) == 0 {
		return &Error{http.StatusNotFound, "NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found"}
	}
	writeXML(w, element{"PublicAccessBlockConfiguration", settings})
	return nil
}

// bucketEncryption tells how objects are encrypted that nobody says it of: with keys of Amazon S3 where nothing is configured (API
// reference, GetBucketEncryption; User Guide, "default bucket encryption").
func (s *Simulator) bucketEncryption(w http.ResponseWriter, _ *call, b *bucket, _ string) *Error {
	algorithm, key := "AES256", ""
	if r := s.made("AWS::S3::Bucket", b.name); r != nil {
		list, _ := property(r, "BucketEncryption", "ServerSideEncryptionConfiguration").([]any)
		for _, item := range list {
			rule, _ := item.(map[string]any)
			by, _ := rule["ServerSideEncryptionByDefault"].(map[string]any)
			algorithm, key = textOf(by["SSEAlgorithm"]), textOf(by["KMSMasterKeyID"])
		}
		algorithm, key = s.told(r, "SSEAlgorithm", algorithm), s.told(r, "KMSMasterKeyID", key)
	}
	if algorithm == "none" {
		return &Error{http.StatusNotFound, "ServerSideEncryptionConfigurationNotFoundError", "The server side encryption configuration was not found"}
	}
	writeXML(w, element{"ServerSideEncryptionConfiguration", []element{{"Rule", []element{{"ApplyServerSideEncryptionByDefault", []element{{"SSEAlgorithm", algorithm}, {"KMSMasterKeyID", key}}}}}}})
	return nil
}

// describeInterfaces lists the network interfaces of running tasks (Amazon EC2 API reference, DescribeNetworkInterfaces). EC2's answers have
// a form of their own.
func (s *Simulator) describeInterfaces(c *call) (any, error) {
	var wanted []string
	for i := 1; c.form.Has("Filter.1.Value." + strconv.Itoa(i)); i++ {
		wanted = append(wanted, c.form.Get("Filter.1.Value."+strconv.Itoa(i)))
	}
	var all []element
	for _, cs := range s.containers.services {
		r := s.facts("AWS::ECS::Service", cs.arn)
		groups, _ := property(r, "NetworkConfiguration", "AwsvpcConfiguration", "SecurityGroups").([]any)
		if !slices.ContainsFunc(groups, func(g any) bool { return slices.Contains(wanted, textOf(g)) }) {
			continue
		}
		for i := range cs.desired {
			one := []element{{"networkInterfaceId", "eni-" + cs.name + "-" + strconv.Itoa(i)}, {"description", s.told(r, "InterfaceDescription", s.arn("ecs", "attachment/"+cs.name))}, {"interfaceType", "interface"}}
			if address := s.told(r, "PublicIp", ""); address != "" {
				one = append(one, element{"association", []element{{"publicIp", address}}})
			}
			all = append(all, element{"item", one})
		}
	}
	page, next := cut(all, c.form.Get("NextToken"), s.options.PageSize)
	return []element{{"networkInterfaceSet", page}, {"nextToken", next}}, nil
}

// serviceFacts are a container service's network and whether commands may be executed in it.
func (s *Simulator) serviceFacts(cs *containerService, m map[string]any) {
	r := s.facts("AWS::ECS::Service", cs.arn)
	m["enableExecuteCommand"] = s.told(r, "EnableExecuteCommand", "false") == "true"
	const network = "NetworkConfiguration.AwsvpcConfiguration"
	public, changed := s.tampered[r.physical][network+".AssignPublicIp"]
	if !changed {
		return
	}
	sets, _ := m["taskSets"].([]any)
	for _, item := range append([]any{m}, sets...) {
		one, _ := item.(map[string]any)
		whole, _ := one["networkConfiguration"].(map[string]any)
		vpc, _ := whole["awsvpcConfiguration"].(map[string]any)
		changed := maps.Clone(vpc)
		changed["assignPublicIp"] = public
		one["networkConfiguration"] = map[string]any{"awsvpcConfiguration": changed}
	}
}

// withoutSecrets is a revision, from which somebody may have taken the secrets.
func (s *Simulator) withoutSecrets(d *definition) map[string]any {
	m := d.members(s)
	if s.tampered[d.arn]["Secrets"] == "none" {
		list, _ := m["containerDefinitions"].([]any)
		for _, item := range list {
			c, _ := item.(map[string]any)
			delete(c, "secrets")
		}
	}
	return m
}

// groupFacts are a log group's key and retention, 0 for ever.
func (s *Simulator) groupFacts(g *logGroup) (key string, retention int) {
	key, retention = g.key, g.retention
	if changed, is := s.tampered[g.name]["KmsKeyId"]; is {
		key = changed
	}
	if changed, is := s.tampered[g.name]["RetentionInDays"]; is {
		retention = integer(changed, 0)
	}
	return key, retention
}
