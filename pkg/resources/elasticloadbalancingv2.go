package resources

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/awslabs/goformation/v7/cloudformation/elasticloadbalancingv2"

	"github.com/tierform/tierform/pkg/cfn"
)

// deregistrationSeconds is how long a target group lets requests finish on a target that is taken out, well within
// the two minutes that Fargate Spot leaves a task.
const deregistrationSeconds = 60

// TargetGroupInput describes a target group of tasks.
type TargetGroupInput struct {
	// Name is the physical name.
	Name string
	VPC  cfn.VPCID
	// Port is where the tasks listen.
	Port int
	// HealthPath answers 200 while a task is well.
	HealthPath string
	// DeregistrationSeconds is how long requests may take to finish on a task that is taken out; 60 when zero. It must
	// not exceed the stop timeout of the containers.
	DeregistrationSeconds int
}

// TargetGroup is a target group of tasks by their addresses, which checks their health every 30 seconds and takes one
// out after three failures in a row.
func TargetGroup(in TargetGroupInput) *elasticloadbalancingv2.TargetGroup {
	seconds := cmp.Or(in.DeregistrationSeconds, deregistrationSeconds)
	group := &elasticloadbalancingv2.TargetGroup{
		Name:                       new(in.Name),
		VpcId:                      new(string(in.VPC)),
		TargetType:                 new("ip"),
		IpAddressType:              new("ipv4"),
		Port:                       new(in.Port),
		Protocol:                   new("HTTP"),
		ProtocolVersion:            new("HTTP1"),
		HealthCheckEnabled:         new(true),
		HealthCheckPath:            new(in.HealthPath),
		HealthCheckPort:            new("traffic-port"),
		HealthCheckProtocol:        new("HTTP"),
		HealthCheckIntervalSeconds: new(30),
		HealthCheckTimeoutSeconds:  new(5),
		HealthyThresholdCount:      new(2),
		UnhealthyThresholdCount:    new(3),
		Matcher:                    &elasticloadbalancingv2.TargetGroup_Matcher{HttpCode: new("200")},
		TargetGroupAttributes: []elasticloadbalancingv2.TargetGroup_TargetGroupAttribute{
			{Key: new("deregistration_delay.timeout_seconds"), Value: new(strconv.Itoa(seconds))},
		},
	}
	if !strings.HasPrefix(in.HealthPath, "/") {
		group.HealthCheckPath = new(cfn.Invalid("health check has no path", in.HealthPath, "a path that begins with /"))
	}
	if in.Port < 1 || in.Port > 65535 {
		group.HealthCheckPort = new(cfn.Invalid("target group has no port", fmt.Sprint(in.Port), "1 to 65535"))
	}
	return group
}
