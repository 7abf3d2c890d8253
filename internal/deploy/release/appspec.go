package release

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// An AppSpec is what CodeDeploy is told of a service: all of it, each time, for what it does not hold the service loses. Without the
// capacity provider strategy tasks would silently run on demand instead of on Spot (AWS CodeDeploy User Guide, "AppSpec 'resources' section for
// Amazon ECS deployments"; aws/containers-roadmap#1752).
type AppSpec struct {
	Container string
	Port      int32
	Platform  string
	Network   *types.AwsVpcConfiguration
	Strategy  []types.CapacityProviderStrategyItem
}

// AppSpecOf repeats what a service has: what it was created with, or, where ECS tells that of task sets only, what the primary one has. It
// has one target group, as CodeDeploy wants it.
func AppSpecOf(s types.Service) AppSpec {
	spec := AppSpec{Platform: aws.ToString(s.PlatformVersion), Strategy: s.CapacityProviderStrategy}
	network, balancers := s.NetworkConfiguration, s.LoadBalancers
	for _, set := range s.TaskSets {
		if aws.ToString(set.Status) != "PRIMARY" {
			continue
		}
		if network == nil {
			network = set.NetworkConfiguration
		}
		if len(spec.Strategy) == 0 {
			spec.Strategy = set.CapacityProviderStrategy
		}
		if spec.Platform == "" {
			spec.Platform = aws.ToString(set.PlatformVersion)
		}
		if len(set.LoadBalancers) > 0 {
			balancers = set.LoadBalancers
		}
	}
	if network != nil {
		spec.Network = network.AwsvpcConfiguration
	}
	for _, b := range balancers {
		spec.Container, spec.Port = aws.ToString(b.ContainerName), aws.ToInt32(b.ContainerPort)
	}
	return spec
}

// content is the AppSpec for a revision, as JSON, with its SHA-256, which CodeDeploy checks.
func (a AppSpec) content(revision string) (text, sum string) {
	properties := map[string]any{"TaskDefinition": revision, "LoadBalancerInfo": map[string]any{"ContainerName": a.Container, "ContainerPort": a.Port}}
	if a.Platform != "" {
		properties["PlatformVersion"] = a.Platform
	}
	if n := a.Network; n != nil {
		vpc := map[string]any{"Subnets": n.Subnets, "SecurityGroups": n.SecurityGroups}
		if n.AssignPublicIp != "" {
			vpc["AssignPublicIp"] = n.AssignPublicIp
		}
		properties["NetworkConfiguration"] = map[string]any{"AwsvpcConfiguration": vpc}
	}
	var strategy []any
	for _, item := range a.Strategy {
		strategy = append(strategy, map[string]any{"CapacityProvider": aws.ToString(item.CapacityProvider), "Base": item.Base, "Weight": item.Weight})
	}
	if strategy != nil {
		properties["CapacityProviderStrategy"] = strategy
	}
	body, _ := json.Marshal(map[string]any{"version": json.RawMessage("0.0"), "Resources": []any{map[string]any{"TargetService": map[string]any{"Type": "AWS::ECS::Service", "Properties": properties}}}}) // texts and numbers; 0.0 is the only version allowed
	hash := sha256.Sum256(body)
	return string(body), hex.EncodeToString(hash[:])
}
