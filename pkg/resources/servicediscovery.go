package resources

import (
	"github.com/awslabs/goformation/v7/cloudformation/servicediscovery"

	"github.com/tierform/tierform/pkg/cfn"
)

// unknownNameSeconds is how long a resolver remembers that a name does not exist: a service that starts is found soon.
const unknownNameSeconds = 15

// PrivateNamespace is a private DNS domain in which the services of a VPC find each other.
func PrivateNamespace(name, description string, vpc cfn.VPCID) *servicediscovery.PrivateDnsNamespace {
	return &servicediscovery.PrivateDnsNamespace{
		Name:        name,
		Description: new(description),
		Vpc:         string(vpc),
		Properties: &servicediscovery.PrivateDnsNamespace_Properties{
			DnsProperties: &servicediscovery.PrivateDnsNamespace_PrivateDnsPropertiesMutable{
				SOA: &servicediscovery.PrivateDnsNamespace_SOA{TTL: new(float64(unknownNameSeconds))},
			},
		},
	}
}
