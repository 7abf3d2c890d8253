package checks

import "strings"

// PCI DSS v4.0.1 10.5.1: audit logs are kept for 12 months, those of the latest three immediately available.
const (
	archiveDays = 365
	atHandDays  = 90
)

// bucketType and streamType are the types of buckets and delivery streams.
const (
	bucketType = "AWS::S3::Bucket"
	streamType = "AWS::KinesisFirehose::DeliveryStream"
)

// archiveUse is a bucket into which a resource writes what audit needs.
type archiveUse struct {
	writer *Resource
	path   string
	bucket Value // its name or ARN
}

// auditLogs lists the log groups that hold audit streams, each once.
func (w *World) auditLogs() []logUse {
	var uses []logUse
	seen := map[string]bool{}
	for _, use := range append(w.impliedLogs(), w.namedLogs()...) {
		if name := groupName(use.group.String()); use.audit && (name == "" || !seen[name]) && !strings.Contains(use.group.String(), ":firehose:") {
			seen[name] = true
			uses = append(uses, use)
		}
	}
	return uses
}

// filtersOf are the subscription filters of a log group.
func (w *World) filtersOf(group Value) []*Resource {
	return w.having("AWS::Logs::SubscriptionFilter", "LogGroupName", groupName(group.String()))
}

// auditStreams are the delivery streams to which subscription filters and web ACLs send.
func (w *World) auditStreams() []*Resource {
	var streams []*Resource
	seen := map[*Resource]bool{}
	add := func(destination Value) {
		if r := w.stream(destination); r != nil && !seen[r] {
			seen[r] = true
			streams = append(streams, r)
		}
	}
	for _, r := range w.OfType("AWS::Logs::SubscriptionFilter") {
		add(r.At("DestinationArn"))
	}
	for _, r := range w.OfType("AWS::WAFv2::LoggingConfiguration") {
		for _, destination := range r.At("LogDestinationConfigs").List() {
			add(destination)
		}
	}
	return streams
}

// bucketDestinations are the properties of a delivery stream that send to a bucket.
func bucketDestinations() []string {
	return []string{"ExtendedS3DestinationConfiguration", "S3DestinationConfiguration"}
}

// stream finds the delivery stream of an ARN; nil when no template declares it.
func (w *World) stream(v Value) *Resource {
	if r := w.Find(v); r != nil && r.Type == streamType {
		return r
	}
	_, name, _ := strings.Cut(v.String(), ":deliverystream/")
	for _, r := range w.having(streamType, "DeliveryStreamName", name) {
		return r
	}
	return nil
}

// archives lists the buckets that take audit records: from delivery streams, trails, flow logs, web ACLs, load balancers
// and other buckets.
func (w *World) archives() []archiveUse {
	var uses []archiveUse
	for _, r := range w.auditStreams() {
		for _, base := range bucketDestinations() {
			if r.At(base).Exists() {
				uses = append(uses, archiveUse{r, base + ".BucketARN", r.At(base + ".BucketARN")})
			}
		}
	}
	for _, r := range w.OfType("AWS::CloudTrail::Trail") {
		uses = append(uses, archiveUse{r, "S3BucketName", r.At("S3BucketName")})
	}
	for _, r := range w.OfType("AWS::EC2::FlowLog", "AWS::WAFv2::LoggingConfiguration") {
		for _, path := range append(expandPath(r.Properties, "LogDestination"), expandPath(r.Properties, "LogDestinationConfigs[*]")...) {
			if strings.Contains(r.At(path).String(), ":s3:::") {
				uses = append(uses, archiveUse{r, path, r.At(path)})
			}
		}
	}
	for _, r := range w.OfType("AWS::ElasticLoadBalancingV2::LoadBalancer") {
		if path, bucket := loadBalancerAttribute(r, "access_logs.s3.bucket"); bucket.Exists() {
			uses = append(uses, archiveUse{r, path, bucket})
		}
	}
	for _, r := range w.OfType(bucketType) {
		if path := "LoggingConfiguration.DestinationBucketName"; r.At(path).Exists() {
			uses = append(uses, archiveUse{r, path, r.At(path)})
		}
	}
	return uses
}

// loadBalancerAttribute is an attribute of a load balancer, with its path. It is unknown when the attributes are.
func loadBalancerAttribute(r *Resource, key string) (string, Value) {
	for _, path := range expandPath(r.Properties, "LoadBalancerAttributes[*]") {
		if attribute := r.At(path); attribute.Unknown() != "" || attribute.Field("Key").String() == key {
			return path + ".Value", attribute.Field("Value")
		}
	}
	return "LoadBalancerAttributes", Value{}
}

// bucket finds the bucket of a name or ARN; nil when no template declares it.
func (w *World) bucket(v Value) *Resource {
	if r := w.Find(v); r != nil && r.Type == bucketType {
		return r
	}
	name := v.String()
	if _, after, isARN := strings.Cut(name, ":s3:::"); isARN {
		name = after
	}
	if r := w.index[name]; r != nil && r.Type == bucketType {
		return r
	}
	name, _, _ = strings.Cut(name, "/")
	for _, r := range w.having(bucketType, "BucketName", name) {
		return r
	}
	return nil
}
