package costs

import (
	"slices"
	"strings"

	"github.com/tierform/tierform/pkg/checks"
)

// logGroup is paid for what comes in and, compressed, for what is kept.
func (r *reckoning) logGroup(group *checks.Resource) {
	if class := group.At("LogGroupClass"); class.Exists() && class.String() != "STANDARD" {
		r.unpriced(group, "no price known for log groups of class "+class.Show())
		return
	}
	kept, ok := r.number(group, "RetentionInDays", 365) // a year of a log that is never deleted
	if !ok {
		return
	}
	gb := r.groupGB(group)
	r.variable(group, "log-ingestion", gb)
	r.variable(group, "log-storage", gb*r.usage.of("compression")*kept/days)
}

func (r *reckoning) groupGB(group *checks.Resource) float64 {
	return r.usage.logGB(group.At("LogGroupName").String())
}

// streamGB is what log groups send to a stream.
func (r *reckoning) streamGB(stream *checks.Resource) (gb float64) {
	for _, filter := range r.world.OfType("AWS::Logs::SubscriptionFilter") {
		if r.world.Find(filter.At("DestinationArn")) == stream {
			gb += r.usage.logGB(filter.At("LogGroupName").String())
		}
	}
	return gb
}

// stream is paid for what comes in, which CloudWatch Logs sends compressed, and for unpacking that.
func (r *reckoning) stream(stream *checks.Resource) {
	if kind := stream.At("DeliveryStreamType"); kind.Exists() && kind.String() != "DirectPut" {
		r.unpriced(stream, "no price known for streams of type "+kind.Show())
		return
	}
	gb := r.streamGB(stream)
	r.variable(stream, "stream-ingestion", gb*r.usage.of("compression"))
	for _, processor := range stream.At("ExtendedS3DestinationConfiguration.ProcessingConfiguration.Processors").List() {
		if processor.At("Type").String() == "Decompression" {
			r.variable(stream, "stream-decompression", gb)
		}
	}
	if !slices.ContainsFunc(r.world.OfType("AWS::S3::Bucket"), r.named(stream.At("ExtendedS3DestinationConfiguration.BucketARN"))) {
		r.unpriced(stream, "the bucket that keeps what it delivers is not among the templates")
	}
}

// trail: the first copy of management events is free in each region.
func (r *reckoning) trail(trail *checks.Resource) {
	for _, at := range []string{"EventSelectors", "AdvancedEventSelectors", "InsightSelectors"} {
		if trail.At(at).Exists() {
			r.unpriced(trail, "how many events "+at+" adds is not assumed")
			return
		}
	}
	r.free(trail, "the first trail of management events in an account; each further one costs $2 for 100,000 events")
}

// bucket is paid for what is kept, once as much is deleted as comes in.
func (r *reckoning) bucket(bucket *checks.Resource) {
	inflow := r.inflow(bucket)
	if inflow == 0 {
		r.variable(bucket, "object-storage", r.usage.of("bucket_gb"))
		return
	}
	kept, moved := 365.0, 365.0 // a year of objects that are never deleted
	for _, rule := range bucket.At("LifecycleConfiguration.Rules").List() {
		if days, ok := rule.At("ExpirationInDays").Float(); ok {
			kept, moved = days, days
		}
		for _, transition := range rule.At("Transitions").List() {
			if days, ok := transition.At("TransitionInDays").Float(); ok && transition.At("StorageClass").String() == "STANDARD_IA" {
				moved = days
			} else {
				r.unpriced(bucket, "no price known for storage class "+transition.At("StorageClass").Show())
			}
		}
	}
	r.variable(bucket, "object-storage", inflow*moved/days)
	r.variable(bucket, "object-storage-infrequent", inflow*(kept-moved)/days)
}

// inflow is what streams, trails and load balancers put into a bucket in a month.
func (r *reckoning) inflow(bucket *checks.Resource) (gb float64) {
	goes := func(name checks.Value) bool { return r.named(name)(bucket) }
	for _, stream := range r.world.OfType("AWS::KinesisFirehose::DeliveryStream") {
		if goes(stream.At("ExtendedS3DestinationConfiguration.BucketARN")) {
			gb += r.streamGB(stream) * r.usage.of("compression")
		}
	}
	for _, trail := range r.world.OfType("AWS::CloudTrail::Trail") {
		if group := r.world.Find(trail.At("CloudWatchLogsLogGroupArn")); group != nil && goes(trail.At("S3BucketName")) {
			gb += r.groupGB(group) * r.usage.of("compression")
		}
	}
	for _, balancer := range r.world.OfType("AWS::ElasticLoadBalancingV2::LoadBalancer") {
		for _, attribute := range balancer.At("LoadBalancerAttributes").List() {
			if attribute.At("Key").String() == "access_logs.s3.bucket" && goes(attribute.At("Value")) {
				gb += r.usage.of("access_log_gb") * r.share(balancer)
			}
		}
	}
	return gb
}

// named tells of a bucket whether a name or ARN is its.
func (r *reckoning) named(name checks.Value) func(*checks.Resource) bool {
	return func(bucket *checks.Resource) bool {
		return r.world.Find(checks.Text(strings.TrimPrefix(name.String(), "arn:aws:s3:::"))) == bucket
	}
}
