package store

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	smithymiddleware "github.com/aws/smithy-go/middleware"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/source"
)

// same wants the object at a template's content address to be that template. It gives the object's tag, and tells whether it is so old that a
// gc could soon find it old enough to be deleted. An error of code Refused names what is there instead: a
// deployment must never take a template that nobody reviewed.
func (b *Bucket) same(ctx context.Context, key string, t *source.Template) (tag *string, old bool, err error) {
	head, err := b.head(ctx, key)
	found := ""
	if err == nil {
		found, err = b.sum(ctx, key, head)
	}
	if err != nil {
		return nil, false, b.explain(err, "compare "+t.Name)
	}
	if want := sumOf(t.Body); found != want {
		return nil, false, &fault.Error{Code: fault.Refused, What: "the artifact bucket holds other bytes under the address of " + t.Name + ": s3://" + b.name + "/" + key,
			Found: "SHA-256 " + found, Allowed: "SHA-256 " + want,
			Do: "find out who wrote it (aws s3api list-object-versions --bucket " + b.name + " --prefix " + key + "; CloudTrail), delete that version and deploy again"}
	}
	return head.ETag, b.age(head.LastModified, head.ResultMetadata) >= youngerThan/2, nil
}

func (b *Bucket) head(ctx context.Context, key string) (*s3.HeadObjectOutput, error) {
	return b.api.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &b.name, Key: &key, ExpectedBucketOwner: &b.owner, ChecksumMode: types.ChecksumModeEnabled})
}

// age is how long ago an object was written, by S3's own clock where the answer has its date; 0 where nobody tells when it was written.
func (b *Bucket) age(written *time.Time, answer smithymiddleware.Metadata) time.Duration {
	if written == nil {
		return 0
	}
	now, told := middleware.GetServerTime(answer)
	if !told {
		now = b.clock.Now()
	}
	return now.Sub(*written)
}

// sum is the SHA-256 of an object: the one that S3 computed when it was written, or, where it computed another checksum or one of parts,
// that of its bytes (S3 User Guide, "Checking object integrity for data uploads in Amazon S3").
func (b *Bucket) sum(ctx context.Context, key string, out *s3.HeadObjectOutput) (string, error) {
	if sum, err := base64.StdEncoding.DecodeString(aws.ToString(out.ChecksumSHA256)); err == nil && len(sum) == sha256.Size && out.ChecksumType != types.ChecksumTypeComposite {
		return hex.EncodeToString(sum), nil
	}
	o, err := b.get(ctx, key)
	switch {
	case err != nil:
		return "", err
	case o == nil:
		return "", &types.NoSuchKey{}
	}
	return sumOf(o.body), nil
}

func sumOf(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}
