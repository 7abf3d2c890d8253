package checks

import (
	"fmt"
	"strings"
)

// checkLogSources wants the records that PCI DSS 10.2.1 asks for to be made at all.
func checkLogSources(w *World, l *Looking) {
	flowLogs, webACLs := w.OfType("AWS::EC2::FlowLog"), w.OfType("AWS::WAFv2::LoggingConfiguration")
	for _, r := range w.OfType("AWS::EC2::VPC") {
		l.Look()
		checkLogged(w, l, r, flowLogs, "ResourceId", "a flow log of all its traffic")
	}
	for _, r := range flowLogs {
		l.Look()
		if v := r.At("TrafficType"); v.String() != "ALL" {
			l.FailUnlessExcused(r, "TrafficType", v, "ALL", "record accepted and rejected traffic")
		}
	}
	for _, r := range w.OfType("AWS::WAFv2::WebACL") {
		l.Look()
		checkLogged(w, l, r, webACLs, "ResourceArn", "a logging configuration")
	}
	for _, r := range w.OfType("AWS::RDS::DBCluster", "AWS::RDS::DBInstance") {
		const path = "EnableCloudwatchLogsExports"
		if r.At("DBClusterIdentifier").Exists() && r.Type == "AWS::RDS::DBInstance" {
			continue // the cluster exports
		}
		l.Look()
		if v := r.At(path).whole(); len(v.Texts()) == 0 {
			l.FailUnlessExcused(r, path, v, "the database's log exported", "set it, for PostgreSQL to [postgresql]")
		}
	}
	for _, r := range w.auditStreams() {
		for _, base := range bucketDestinations() {
			if r.At(base).Exists() {
				l.Look()
				checkErrorLog(w, l, r, base+".CloudWatchLoggingOptions")
			}
		}
	}
	for _, r := range w.OfType("AWS::ElasticLoadBalancingV2::LoadBalancer") {
		l.Look()
		if path, v := loadBalancerAttribute(r, "access_logs.s3.enabled"); !v.True() {
			l.FailUnlessExcused(r, path, v, "access_logs.s3.enabled: true", "write access logs to a bucket")
		} else if path, v := loadBalancerAttribute(r, "access_logs.s3.bucket"); v.String() == "" {
			l.FailUnlessExcused(r, path, v, "access_logs.s3.bucket: a bucket", "name the bucket that takes the access logs")
		}
	}
}

// checkErrorLog wants a delivery stream to tell what it cannot deliver, in a log stream that is there before it: Firehose
// creates none (Amazon Data Firehose Developer Guide, "Monitor with CloudWatch Logs").
func checkErrorLog(w *World, l *Looking, r *Resource, options string) {
	const mend = "log errors to a declared group and stream"
	if v := r.At(options + ".Enabled"); !v.True() {
		l.FailUnlessExcused(r, options+".Enabled", v, "true, so that failures of delivery are seen", mend)
		return
	}
	name, group := r.At(options+".LogStreamName"), w.logGroup(r.At(options+".LogGroupName"))
	for _, stream := range w.having("AWS::Logs::LogStream", "LogStreamName", name.String()) {
		if group != nil && w.logGroup(stream.At("LogGroupName")) == group && w.waits(r, stream) {
			return
		}
	}
	l.FailUnlessExcused(r, options+".LogStreamName", name, "a declared log stream of the group, there before the delivery stream", mend)
}

// checkLogged wants one of the logging resources to refer to a resource.
func checkLogged(w *World, l *Looking, r *Resource, logging []*Resource, path, needed string) {
	unknown := ""
	for _, other := range logging {
		v := other.At(path)
		switch {
		case v.Unknown() != "":
			unknown = v.Unknown()
		case w.Find(v) == r && other.Maybe == "":
			return
		case w.Find(v) == r:
			unknown = other.Maybe
		}
	}
	if unknown != "" {
		l.Unsure(r, "", needed, unknown)
		return
	}
	l.FailUnlessExcused(r, "", Text("none"), needed, "declare one that refers to it")
}

func checkArchiving(w *World, l *Looking) {
	const needed = "a subscription filter that sends everything to a delivery stream into a bucket"
	for _, use := range w.auditLogs() {
		l.Look()
		if why := use.group.Unknown(); why != "" {
			l.Unsure(use.writer, use.path, needed, why)
			continue
		}
		filters := w.filtersOf(use.group)
		if len(filters) == 0 {
			where, path := use.writer, use.path
			if group := w.logGroup(use.group); group != nil {
				where, path = group, ""
			}
			l.FailUnlessExcused(where, path, Text(groupName(use.group.String())+" has no subscription filter"), needed, "declare AWS::Logs::SubscriptionFilter")
			continue
		}
		checkFilters(w, l, filters, needed)
	}
}

// checkFilters wants one of a group's filters to send everything to a stream with a bucket, and judges the first otherwise.
func checkFilters(w *World, l *Looking, filters []*Resource, needed string) {
	for _, r := range filters {
		if r.Maybe == "" && sendsAll(r.At("FilterPattern")) && w.stream(r.At("DestinationArn")) != nil {
			return
		}
	}
	r := filters[0]
	pattern, destination := r.At("FilterPattern"), r.At("DestinationArn")
	switch {
	case r.Maybe != "":
		l.Unsure(r, "", needed, r.Maybe)
	case !sendsAll(pattern):
		l.FailUnlessExcused(r, "FilterPattern", pattern, needed, "leave the pattern empty: what it filters out is not kept")
	case destination.Unknown() != "":
		l.Fail(r, "DestinationArn", destination, needed, "")
	default:
		l.Unsure(r, "DestinationArn", needed, destination.Show()+" is no delivery stream of the templates")
	}
}

// sendsAll tells whether a filter pattern lets everything pass.
func sendsAll(pattern Value) bool {
	return pattern.Unknown() == "" && strings.TrimSpace(pattern.String()) == ""
}

func checkArchives(w *World, l *Looking) {
	needed := fmt.Sprintf("a bucket that keeps objects for at least %d days", archiveDays)
	seen := map[*Resource]bool{}
	for _, use := range w.archives() {
		l.Look()
		bucket := w.bucket(use.bucket)
		switch {
		case use.bucket.Unknown() != "":
			l.Unsure(use.writer, use.path, needed, use.bucket.Unknown())
		case bucket == nil:
			l.Unsure(use.writer, use.path, needed, "bucket "+use.bucket.Show()+" is in none of the templates: its owner must keep the objects")
		case bucket.Maybe != use.writer.Maybe && bucket.Maybe != "":
			l.Unsure(use.writer, use.path, needed, bucket.Where()+" may not exist: "+bucket.Maybe)
		case !seen[bucket]:
			seen[bucket] = true
			checkKept(l, bucket)
		}
	}
}

// checkKept holds an archive's bucket to its retention. Versions keep what is overwritten or deleted (PCI DSS 10.3.2).
func checkKept(l *Looking, bucket *Resource) {
	if v := bucket.At("VersioningConfiguration.Status"); v.String() != "Enabled" {
		l.FailUnlessExcused(bucket, "VersioningConfiguration.Status", v, "Enabled", "keep versions, so that a record cannot be overwritten")
	}
	kept := fmt.Sprintf("at least %d", archiveDays)
	expires := false
	for _, path := range expandPath(bucket.Properties, "LifecycleConfiguration.Rules[*]") {
		rule := bucket.At(path)
		if rule.At("Status").String() == "Disabled" {
			continue
		}
		for _, days := range []string{"ExpirationInDays", "NoncurrentVersionExpirationInDays", "NoncurrentVersionExpiration.NoncurrentDays"} {
			v := rule.At(days)
			if n, ok := v.Int(); v.Exists() && (!ok || n < archiveDays) {
				l.FailUnlessExcused(bucket, path+"."+days, v, kept, "keep audit records for twelve months")
			}
			expires = expires || days == "ExpirationInDays" && v.Exists()
		}
		if v := rule.At("ExpirationDate"); v.Exists() {
			l.FailUnlessExcused(bucket, path+".ExpirationDate", v, kept+" days for every object", "expire by age")
		}
		checkAtHand(l, bucket, path)
	}
	if !expires {
		l.FailUnlessExcused(bucket, "LifecycleConfiguration.Rules", bucket.At("LifecycleConfiguration.Rules"), "an expiration after "+kept+" days, which says how long records are kept", "set ExpirationInDays")
	}
}

// checkAtHand wants the latest records out of storage classes that must be restored before they can be read.
func checkAtHand(l *Looking, bucket *Resource, rule string) {
	for _, path := range expandPath(bucket.At(rule), "Transitions[*]") {
		transition := bucket.At(rule + "." + path)
		slow := transition.At("StorageClass").String()
		days := transition.At("TransitionInDays")
		if n, ok := days.Int(); (slow == "GLACIER" || slow == "DEEP_ARCHIVE") && (!ok || n < atHandDays) {
			l.FailUnlessExcused(bucket, rule+"."+path+".TransitionInDays", days, fmt.Sprintf("at least %d for %s", atHandDays, slow), "keep the latest three months at hand")
		}
	}
}
