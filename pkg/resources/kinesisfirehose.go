package resources

import (
	"github.com/awslabs/goformation/v7/cloudformation/kinesisfirehose"

	"github.com/tierform/tierform/pkg/cfn"
)

// LogArchiveInput describes a delivery stream that archives log groups.
type LogArchiveInput struct {
	// Name is the physical name.
	Name string
	// StreamKey encrypts what waits in the stream, ObjectKey what is delivered.
	StreamKey, ObjectKey cfn.KeyARN
	// Bucket takes the objects below Prefix, and what could not be decompressed below ErrorPrefix.
	Bucket              cfn.BucketName
	Prefix, ErrorPrefix string
	// Role is the role with which the stream writes.
	Role cfn.RoleARN
	// ErrorGroup and ErrorStream take the stream's own complaints.
	ErrorGroup  cfn.LogGroupName
	ErrorStream string
}

const (
	// firehoseSeconds and firehoseMiB say when a batch is written: whichever is reached first.
	firehoseSeconds = 300
	firehoseMiB     = 64
)

// LogArchive is a delivery stream that takes the subscriptions of log groups and writes gzip files with one JSON document
// a line below year=, month= and day=, which Athena reads as partitions. CloudWatch Logs sends each batch compressed and
// without line ends; written as they are, they would be readable by nobody. So the stream decompresses them, ends each with
// a line end and compresses the file again. The messages are not taken out of their documents, which name account, log
// group, stream and time: evidence without origin proves nothing.
// https://docs.aws.amazon.com/firehose/latest/dev/writing-with-cloudwatch-logs-decompression.html
func LogArchive(in LogArchiveInput) *kinesisfirehose.DeliveryStream {
	const byDay = "year=!{timestamp:yyyy}/month=!{timestamp:MM}/day=!{timestamp:dd}/"
	return &kinesisfirehose.DeliveryStream{
		DeliveryStreamName: new(in.Name),
		DeliveryStreamType: new("DirectPut"),
		DeliveryStreamEncryptionConfigurationInput: &kinesisfirehose.DeliveryStream_DeliveryStreamEncryptionConfigurationInput{
			KeyType: "CUSTOMER_MANAGED_CMK", KeyARN: new(string(in.StreamKey)),
		},
		ExtendedS3DestinationConfiguration: &kinesisfirehose.DeliveryStream_ExtendedS3DestinationConfiguration{
			BucketARN: BucketNameARN(in.Bucket),
			RoleARN:   string(in.Role),
			BufferingHints: &kinesisfirehose.DeliveryStream_BufferingHints{
				IntervalInSeconds: new(firehoseSeconds), SizeInMBs: new(firehoseMiB),
			},
			CloudWatchLoggingOptions: &kinesisfirehose.DeliveryStream_CloudWatchLoggingOptions{
				Enabled: new(true), LogGroupName: new(string(in.ErrorGroup)), LogStreamName: new(in.ErrorStream),
			},
			CompressionFormat: new("GZIP"),
			EncryptionConfiguration: &kinesisfirehose.DeliveryStream_EncryptionConfiguration{
				KMSEncryptionConfig: &kinesisfirehose.DeliveryStream_KMSEncryptionConfig{AWSKMSKeyARN: string(in.ObjectKey)},
			},
			Prefix:            new(in.Prefix + byDay),
			ErrorOutputPrefix: new(in.ErrorPrefix + "!{firehose:error-output-type}/" + byDay),
			ProcessingConfiguration: &kinesisfirehose.DeliveryStream_ProcessingConfiguration{
				Enabled: new(true),
				Processors: []kinesisfirehose.DeliveryStream_Processor{
					{Type: "Decompression", Parameters: []kinesisfirehose.DeliveryStream_ProcessorParameter{{ParameterName: "CompressionFormat", ParameterValue: "GZIP"}}},
					{Type: "AppendDelimiterToRecord"},
				},
			},
		},
		AWSCloudFormationDeletionPolicy:      "Delete",
		AWSCloudFormationUpdateReplacePolicy: "Delete",
	}
}

// FirehoseTrust is the trust policy of a delivery stream's role. Firehose names the account it acts for as external ID.
// https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html#firehose-assume-role
func FirehoseTrust() Document {
	return Policy(Statement{
		Sid: "Assume", Principals: Principals{Service: []string{"firehose.amazonaws.com"}}, Actions: []string{"sts:AssumeRole"},
		Conditions: Conditions{"StringEquals": {"sts:ExternalId": {cfn.AccountID}}},
	})
}

// DeliveryStreamNameARN is the ARN of a delivery stream of this account and region by name.
func DeliveryStreamNameARN(name string) string {
	return "arn:" + cfn.Partition + ":firehose:" + cfn.Region + ":" + cfn.AccountID + ":deliverystream/" + name
}
