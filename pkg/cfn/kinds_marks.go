package cfn

// The kinds of this package, marked as references.

// Reference marks the kind.
func (Text) Reference() {}

// Reference marks the kind.
func (Number) Reference() {}

// Reference marks the kind.
func (EnvironmentSuffix) Reference() {}

// Reference marks the kind.
func (ARN) Reference() {}

// Reference marks the kind.
func (AvailabilityZone) Reference() {}

// Reference marks the kind.
func (BucketARN) Reference() {}

// Reference marks the kind.
func (BucketName) Reference() {}

// Reference marks the kind.
func (CertificateARN) Reference() {}

// Reference marks the kind.
func (CIDR) Reference() {}

// Reference marks the kind.
func (ClusterARN) Reference() {}

// Reference marks the kind.
func (ClusterName) Reference() {}

// Reference marks the kind.
func (CodeDeployApplication) Reference() {}

// Reference marks the kind.
func (DeliveryStreamARN) Reference() {}

// Reference marks the kind.
func (DeploymentGroupName) Reference() {}

// Reference marks the kind.
func (HostName) Reference() {}

// Reference marks the kind.
func (HostedZoneID) Reference() {}

// Reference marks the kind.
func (Image) Reference() {}

// Reference marks the kind.
func (KeyARN) Reference() {}

// Reference marks the kind.
func (ListenerARN) Reference() {}

// Reference marks the kind.
func (LoadBalancerName) Reference() {}

// Reference marks the kind.
func (LogGroupARN) Reference() {}

// Reference marks the kind.
func (LogGroupName) Reference() {}

// Reference marks the kind.
func (NamespaceID) Reference() {}

// Reference marks the kind.
func (Port) Reference() {}

// Reference marks the kind.
func (PrefixListID) Reference() {}

// Reference marks the kind.
func (RepositoryURI) Reference() {}

// Reference marks the kind.
func (RoleARN) Reference() {}

// Reference marks the kind.
func (RouteTableID) Reference() {}

// Reference marks the kind.
func (SecretARN) Reference() {}

// Reference marks the kind.
func (SecurityGroupID) Reference() {}

// Reference marks the kind.
func (ServiceName) Reference() {}

// Reference marks the kind.
func (SubnetID) Reference() {}

// Reference marks the kind.
func (TargetGroupARN) Reference() {}

// Reference marks the kind.
func (TargetGroupName) Reference() {}

// Reference marks the kind.
func (TopicARN) Reference() {}

// Reference marks the kind.
func (VPCID) Reference() {}

// Reference marks the kind.
func (WebACLName) Reference() {}
