package checks

import "strings"

// checkArchiveDelivery: a delivery stream's role writes objects and errors, and uses the bucket's key. (Amazon Data Firehose
// Developer Guide, grant Firehose access to an Amazon S3 destination.)
func checkArchiveDelivery(w *World, l *Looking) {
	forEach(w, l, func(c chain, r *Resource) {
		for _, name := range []string{"ExtendedS3DestinationConfiguration", "S3DestinationConfiguration"} {
			at := placeOf(r).field(name)
			if at.value.Exists() {
				l.Look()
				c.delivers(at)
			}
		}
	}, "AWS::KinesisFirehose::DeliveryStream")
}

func (c chain) delivers(at place) {
	bucket := at.field("BucketARN")
	if !c.has(bucket, "the bucket's ARN") {
		return
	}
	writer := asRole(c.id.roleARN(at.field("RoleARN").value))
	arn := bucket.value.String()
	c.needs(bucket, need{who: writer, resource: arn}, "s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads")
	key := at.field("EncryptionConfiguration").field("KMSEncryptionConfig").field("AWSKMSKeyARN")
	context := map[string][]string{"s3:x-amz-server-side-encryption-aws-kms-key-id": key.value.Texts()}
	for _, prefix := range []string{"Prefix", "ErrorOutputPrefix"} {
		object := arn + "/" + untilMark(at.field(prefix).value.String(), "!{") + "x"
		c.needs(bucket, need{who: writer, resource: object, context: context}, "s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject")
		if c.id.declared[arn] == nil { // of another account, whose owner would not have the object else
			c.needs(bucket, need{who: writer, resource: object, context: context}, "s3:PutObjectAcl")
		}
		if c.has(key, "the key's ARN") {
			c.needs(key, need{who: writer, resource: c.id.target(key.value), context: c.through("s3", "aws:s3:arn", c.bucketContext(arn, object))},
				"kms:Decrypt", "kms:GenerateDataKey")
		}
	}
	log := at.field("CloudWatchLoggingOptions")
	if group := log.field("LogGroupName"); log.field("Enabled").value.True() && c.has(group, "the log group's name") {
		stream := c.group(group.value) + ":log-stream:" + log.field("LogStreamName").value.String()
		c.needs(group, need{who: writer, resource: stream}, "logs:PutLogEvents")
	}
}

// bucketContext is what S3 gives KMS as context: the bucket where it has a bucket key, else the object.
func (c chain) bucketContext(bucket, object string) string {
	if r := c.id.declared[bucket]; r != nil {
		for _, at := range placeOf(r).each("BucketEncryption.ServerSideEncryptionConfiguration[].BucketKeyEnabled") {
			if at.value.True() {
				return bucket
			}
		}
	}
	return object
}

// group is a log group's ARN without end, given by name or ARN.
func (c chain) group(v Value) string {
	name := v.String()
	if arn := c.id.target(v); strings.Contains(arn, ":log-group:") {
		name = logGroupName(arn)
	}
	return c.id.arn("logs", "log-group:"+name)
}

// checkSubscriptions: the role of a subscription puts records into the stream. (CloudWatch Logs User Guide, subscriptions.)
func checkSubscriptions(w *World, l *Looking) {
	forEach(w, l, func(c chain, r *Resource) {
		destination := placeOf(r).field("DestinationArn")
		arn := destination.value.String()
		name, actions := "firehose", []string{"firehose:PutRecord", "firehose:PutRecordBatch"}
		switch {
		case strings.Contains(arn, ":kinesis:"):
			name, actions = "kinesis", []string{"kinesis:PutRecord"}
		case destination.value.Unknown() == "" && !strings.Contains(arn, ":firehose:"):
			return
		}
		l.Look()
		if !c.has(destination, "the stream's ARN") {
			return
		}
		sender := asRole(c.id.roleARN(r.At("RoleArn")))
		c.needs(destination, need{who: sender, resource: arn}, actions...)
		if key, _ := c.keyOf(arn); key != "" {
			c.needs(destination, need{who: sender, resource: key, context: c.through(name, "", "")}, "kms:GenerateDataKey")
		}
	}, "AWS::Logs::SubscriptionFilter")
}

// checkFlowLogs: the role of flow logs finds and writes its group. (Amazon VPC User Guide, IAM role for publishing flow logs.)
func checkFlowLogs(w *World, l *Looking) {
	forEach(w, l, func(c chain, r *Resource) {
		at := placeOf(r).field("DeliverLogsPermissionArn")
		group := r.At("LogGroupName")
		if !at.value.Exists() {
			return
		}
		l.Look()
		if !group.Exists() {
			group = r.At("LogDestination")
		}
		writer := asRole(c.id.roleARN(at.value))
		c.needs(at, need{who: writer, resource: c.group(group) + ":log-stream:x"}, "logs:CreateLogStream", "logs:PutLogEvents")
		c.needs(at, need{who: writer, resource: c.group(group) + ":*"}, "logs:DescribeLogStreams")
		c.needs(at, need{who: writer, resource: c.id.arn("logs", "log-group:*")}, "logs:DescribeLogGroups")
	}, "AWS::EC2::FlowLog")
}

// checkTrailDelivery: CloudTrail checks and fills its bucket, encrypts, and writes to its log group. (AWS CloudTrail User Guide,
// bucket policy, KMS key policies and role policy for CloudTrail.)
func checkTrailDelivery(w *World, l *Looking) {
	forEach(w, l, func(c chain, r *Resource) {
		l.Look()
		at := placeOf(r)
		trail := asService("cloudtrail.amazonaws.com")
		source := c.source(arnOf(r))
		source["s3:x-amz-acl"] = []string{"bucket-owner-full-control"}
		key := at.field("KMSKeyId")
		source["s3:x-amz-server-side-encryption-aws-kms-key-id"] = key.value.Texts()
		bucket := at.field("S3BucketName")
		if c.has(bucket, "the bucket's name") {
			arn := c.id.bucketARN(bucket.value.String())
			c.needs(bucket, need{who: trail, resource: arn, context: source}, "s3:GetBucketAcl")
			path := "/"
			if prefix := r.At("S3KeyPrefix").String(); prefix != "" {
				path += prefix + "/"
			}
			c.needs(bucket, need{who: trail, resource: arn + path + "AWSLogs/" + c.id.account + "/CloudTrail/x", context: source}, "s3:PutObject")
		}
		if c.has(key, "the key's ARN") {
			source["kms:EncryptionContext:aws:cloudtrail:arn"] = []string{arnOf(r)}
			actions := []string{"kms:GenerateDataKey", "kms:DescribeKey"}
			if c.bucketContext(c.id.bucketARN(bucket.value.String()), "") != "" {
				actions = append(actions, "kms:Decrypt") // S3 reads the bucket key with it
			}
			c.needs(key, need{who: trail, resource: c.id.target(key.value), context: source}, actions...)
		}
		if group := at.field("CloudWatchLogsLogGroupArn"); c.has(group, "the log group's ARN") {
			stream := c.group(group.value) + ":log-stream:" + c.id.account + "_CloudTrail_" + c.id.region
			c.needs(group, need{who: asRole(c.id.roleARN(r.At("CloudWatchLogsRoleArn"))), resource: stream}, "logs:CreateLogStream", "logs:PutLogEvents")
		}
	}, "AWS::CloudTrail::Trail")
}

// checkWebLogs: log delivery writes what a web ACL logs. (AWS WAF Developer Guide, logging to a CloudWatch Logs log group.)
func checkWebLogs(w *World, l *Looking) {
	forEach(w, l, func(c chain, r *Resource) {
		for _, destination := range placeOf(r).each("LogDestinationConfigs[]") {
			arn := destination.value.String()
			if destination.value.Unknown() == "" && !strings.Contains(arn, ":logs:") {
				continue
			}
			l.Look()
			if !c.has(destination, "the log group's ARN") {
				continue
			}
			group := c.id.arn("logs", "log-group:"+logGroupName(arn))
			c.needs(destination, need{who: asService("delivery.logs.amazonaws.com"), resource: group + ":log-stream:x", context: c.source(c.id.arn("logs", "x"))},
				"logs:CreateLogStream", "logs:PutLogEvents")
		}
	}, "AWS::WAFv2::LoggingConfiguration")
}

// checkAccessLogs: load balancers and buckets deliver access logs. (Elastic Load Balancing User Guide, enable access logs;
// Amazon S3 User Guide, server access logging.)
func checkAccessLogs(w *World, l *Looking) {
	forEach(w, l, func(c chain, r *Resource) {
		values := map[string]Value{}
		var at place
		for _, attribute := range placeOf(r).each("LoadBalancerAttributes[]") {
			name := attribute.field("Key").value.String()
			values[name] = attribute.field("Value").value
			if name == "access_logs.s3.bucket" {
				at = attribute.field("Value")
			}
		}
		if !values["access_logs.s3.enabled"].True() {
			return
		}
		l.Look()
		if at.resource == nil {
			l.FailText(r, "LoadBalancerAttributes", "no access_logs.s3.bucket", "the bucket of the access logs", "name the bucket")
			return
		}
		c.deliversAccessLogs(at, values["access_logs.s3.prefix"].String())
	}, "AWS::ElasticLoadBalancingV2::LoadBalancer")
	forEach(w, l, func(c chain, r *Resource) {
		at := placeOf(r).field("LoggingConfiguration").field("DestinationBucketName")
		if !at.value.Exists() {
			return
		}
		l.Look()
		if c.has(at, "the bucket's name") {
			object := c.id.bucketARN(at.value.String()) + "/" + r.At("LoggingConfiguration.LogFilePrefix").String() + "x"
			c.needs(at, need{who: asService("logging.s3.amazonaws.com"), resource: object, context: c.source(arnOf(r))}, "s3:PutObject")
		}
	}, "AWS::S3::Bucket")
}

// elbAccountUSEast1 is Elastic Load Balancing's account, by which older bucket policies name it.
const elbAccountUSEast1 = "127311923021"

func (c chain) deliversAccessLogs(at place, prefix string) {
	if !c.has(at, "the bucket's name") {
		return
	}
	path := "/AWSLogs/" + c.id.account + "/x"
	if prefix != "" {
		path = "/" + prefix + path
	}
	object := c.id.bucketARN(at.value.String()) + path
	n := need{who: asService("logdelivery.elasticloadbalancing.amazonaws.com"), resource: object,
		context: map[string][]string{"aws:SourceAccount": nil, "aws:SourceArn": nil}}
	older := Principal{awsPrincipal, "arn:" + c.id.partition + ":iam::" + elbAccountUSEast1 + ":root"}
	if c.id.region == "us-east-1" && c.id.Can(older, "s3:PutObject", object, secureRequest(nil)).Allowed == Yes {
		return
	}
	c.needs(at, n, "s3:PutObject")
}

// checkLogEncryption: CloudWatch Logs uses the key of each encrypted log group. (CloudWatch Logs User Guide, encrypt log data.)
func checkLogEncryption(w *World, l *Looking) {
	forEach(w, l, func(c chain, r *Resource) {
		key := placeOf(r).field("KmsKeyId")
		if !key.value.Exists() {
			return
		}
		l.Look()
		if c.has(key, "the key's ARN") {
			group := strings.TrimSuffix(arnOf(r), ":*")
			context := map[string][]string{"kms:EncryptionContext:aws:logs:arn": {group}, "aws:SourceAccount": nil, "aws:SourceArn": nil}
			c.needs(key, need{who: asService("logs." + c.id.region + ".amazonaws.com"), resource: c.id.target(key.value), context: context},
				"kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:GenerateDataKey",
				"kms:GenerateDataKeyWithoutPlaintext", "kms:DescribeKey")
		}
	}, "AWS::Logs::LogGroup")
}
