package checks

import "strings"

// checkBuckets wants ACLs off, versions kept and ended, and requests logged (AWS Security Hub User Guide, controls S3.9,
// S3.12 and S3.13; Amazon S3 User Guide, "Retaining multiple versions of objects").
func checkBuckets(w *World, l *Looking) {
	for _, r := range w.OfType(bucketType) {
		l.Look()
		const ownership = "OwnershipControls.Rules[0].ObjectOwnership"
		if v := r.At(ownership); v.String() != "BucketOwnerEnforced" {
			l.FailUnlessExcused(r, ownership, v, "BucketOwnerEnforced", "turn ACLs off")
		}
		if v := r.At("VersioningConfiguration.Status"); v.String() != "Enabled" {
			l.FailUnlessExcused(r, "VersioningConfiguration.Status", v, "Enabled", "keep versions, so that nothing is overwritten")
		}
		if v := r.At("LoggingConfiguration.DestinationBucketName"); v.String() == "" {
			l.FailUnlessExcused(r, "LoggingConfiguration.DestinationBucketName", v, "a bucket that takes the log of requests", "log requests, or say in Metadata: Exemptions why not")
		}
		if !endsVersions(r) {
			l.FailUnlessExcused(r, "LifecycleConfiguration.Rules", r.At("LifecycleConfiguration.Rules"), "an enabled rule that ends old versions", "set NoncurrentVersionExpiration")
		}
	}
}

// endsVersions tells whether versions that are not current go some day.
func endsVersions(bucket *Resource) bool {
	for _, rule := range bucket.At("LifecycleConfiguration.Rules").List() {
		days, ok := rule.At("NoncurrentVersionExpiration.NoncurrentDays").Int()
		if ok && days > 0 && strings.EqualFold(rule.At("Status").String(), "Enabled") {
			return true
		}
	}
	return false
}
