package simulator_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/tierform/tierform/internal/simulator"
)

// TestConditionalWrites: the lock and the templates rest on them.
func TestConditionalWrites(t *testing.T) {
	a := open(t, simulator.Options{})
	bucket, key := aws.String("artifacts"), aws.String("env/dev/lock.json")
	put := func(body string, none, match *string) (*s3.PutObjectOutput, error) {
		return a.store.PutObject(t.Context(), &s3.PutObjectInput{Bucket: bucket, Key: key, Body: strings.NewReader(body), IfNoneMatch: none, IfMatch: match})
	}
	if _, err := put("x", nil, aws.String("tag")); code(err) != "NoSuchKey" {
		t.Errorf("a replacement of nothing: %v", err)
	}
	first := must(put("one", aws.String("*"), nil))
	if _, err := put("two", aws.String("*"), nil); code(err) != "PreconditionFailed" {
		t.Errorf("%v", err)
	}
	second := must(put("two", nil, first.ETag))
	if _, err := put("three", nil, first.ETag); code(err) != "PreconditionFailed" {
		t.Errorf("%v", err)
	}
	out := must(a.store.GetObject(t.Context(), &s3.GetObjectInput{Bucket: bucket, Key: key}))
	if body := must(io.ReadAll(out.Body)); string(body) != "two" || aws.ToString(out.ETag) != aws.ToString(second.ETag) {
		t.Errorf("%q", body)
	}
	if head := must(a.store.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: bucket, Key: key})); head.LastModified == nil {
		t.Errorf("%+v", head)
	}
	remove := func(match *string) error {
		_, err := a.store.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: bucket, Key: key, IfMatch: match})
		return err
	}
	if got := fmt.Sprint(code(remove(first.ETag)), code(remove(second.ETag)), code(remove(second.ETag))); got != "PreconditionFailedNoSuchKey" {
		t.Errorf("%s", got)
	}
	if _, err := a.store.GetObject(t.Context(), &s3.GetObjectInput{Bucket: bucket, Key: key}); code(err) != "NoSuchKey" {
		t.Errorf("%v", err)
	}
	if _, err := a.store.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("nobody"), Key: key}); code(err) != "NoSuchBucket" {
		t.Errorf("%v", err)
	}
}

// TestVersions: a bucket with versions is empty when all of them are gone, markers and unfinished uploads too.
func TestVersions(t *testing.T) {
	a := open(t, simulator.Options{})
	a.deploy(proposal{stack: "s", body: `{Resources: {B: {Type: AWS::S3::Bucket, Properties: {BucketName: b, VersioningConfiguration: {Status: Enabled}}}, P: {Type: AWS::S3::Bucket}}}`})
	plain := must(a.sim.Physical("P"))
	bucket := aws.String("b")
	for _, key := range []string{"b", "a", "a", "c/x"} {
		must(a.store.PutObject(t.Context(), &s3.PutObjectInput{Bucket: bucket, Key: &key, Body: strings.NewReader(key)}))
	}
	must(a.store.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: bucket, Key: aws.String("b")}))
	for _, err := range []error{a.sim.DeleteObject("b", "a"), a.sim.BeginUpload("b", "u"), a.sim.BeginUpload("b", "u"), a.sim.PutObject(plain, "k", "1"), a.sim.PutObject(plain, "k", "2"), a.sim.DeleteObject(plain, "k")} {
		if err != nil {
			t.Error(err)
		}
	}
	for _, err := range []error{a.sim.DeleteObject("nobody", "a"), a.sim.BeginUpload("nobody", "u"), a.sim.PutObject("nobody", "k", "1")} {
		if err == nil {
			t.Error("planted in no bucket")
		}
	}
	var versions, markers int
	in := &s3.ListObjectVersionsInput{Bucket: bucket, MaxKeys: aws.Int32(2)}
	var all []types.ObjectIdentifier
	for {
		out := must(a.store.ListObjectVersions(t.Context(), in))
		versions, markers = versions+len(out.Versions), markers+len(out.DeleteMarkers)
		for _, v := range out.Versions {
			all = append(all, types.ObjectIdentifier{Key: v.Key, VersionId: v.VersionId})
		}
		for _, m := range out.DeleteMarkers {
			if !aws.ToBool(m.IsLatest) {
				t.Errorf("marker of %s is not the latest", *m.Key)
			}
			all = append(all, types.ObjectIdentifier{Key: m.Key, VersionId: m.VersionId})
		}
		if in.KeyMarker, in.VersionIdMarker = out.NextKeyMarker, out.NextVersionIdMarker; !aws.ToBool(out.IsTruncated) {
			break
		}
	}
	if versions != 4 || markers != 2 {
		t.Errorf("%d versions and %d markers", versions, markers)
	}
	if out := must(a.store.ListObjectVersions(t.Context(), &s3.ListObjectVersionsInput{Bucket: bucket, Prefix: aws.String("c/"), KeyMarker: aws.String("a")})); len(out.Versions) != 1 {
		t.Errorf("%+v", out.Versions)
	}
	if out := must(a.store.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: bucket})); len(out.Contents) != 1 || aws.ToString(out.Contents[0].Key) != "c/x" {
		t.Errorf("%+v", out.Contents)
	}
	if out := must(a.store.GetBucketVersioning(t.Context(), &s3.GetBucketVersioningInput{Bucket: bucket})); out.Status != types.BucketVersioningStatusEnabled {
		t.Errorf("%+v", out)
	}
	must(a.store.HeadBucket(t.Context(), &s3.HeadBucketInput{Bucket: bucket}))
	gone := must(a.store.DeleteObjects(t.Context(), &s3.DeleteObjectsInput{Bucket: bucket, Delete: &types.Delete{Objects: append(all, types.ObjectIdentifier{Key: aws.String("new")})}}))
	if len(gone.Deleted) != 7 {
		t.Errorf("%+v", gone)
	}
	left := must(a.store.ListObjectVersions(t.Context(), &s3.ListObjectVersionsInput{Bucket: bucket})) // deleting what is not there left a marker
	must(a.store.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: bucket, Key: aws.String("new"), VersionId: left.DeleteMarkers[0].VersionId}))
	uploads := must(a.store.ListMultipartUploads(t.Context(), &s3.ListMultipartUploadsInput{Bucket: bucket, MaxUploads: aws.Int32(1)}))
	more := must(a.store.ListMultipartUploads(t.Context(), &s3.ListMultipartUploadsInput{Bucket: bucket, KeyMarker: uploads.NextKeyMarker, UploadIdMarker: uploads.NextUploadIdMarker}))
	if len(uploads.Uploads) != 1 || len(more.Uploads) != 1 {
		t.Fatalf("%+v %+v", uploads, more)
	}
	for _, u := range append(uploads.Uploads, more.Uploads...) {
		must(a.store.AbortMultipartUpload(t.Context(), &s3.AbortMultipartUploadInput{Bucket: bucket, Key: u.Key, UploadId: u.UploadId}))
	}
	if _, err := a.store.AbortMultipartUpload(t.Context(), &s3.AbortMultipartUploadInput{Bucket: bucket, Key: aws.String("u"), UploadId: aws.String("x")}); code(err) != "NoSuchUpload" {
		t.Errorf("%v", err)
	}
	request := must(http.NewRequest(http.MethodPost, "https://s3/b?delete", strings.NewReader("<")))
	if out := must(a.sim.Client().Do(request)); out.StatusCode != http.StatusBadRequest {
		t.Errorf("%s", out.Status)
	}
}

// TestObjectPages lists many objects to the last page, and takes bodies in signed chunks.
func TestObjectPages(t *testing.T) {
	a := open(t, simulator.Options{})
	for i := range 5 {
		_ = a.sim.PutObject("artifacts", fmt.Sprintf("templates/%d", i), "x")
	}
	pages := s3.NewListObjectsV2Paginator(a.store, &s3.ListObjectsV2Input{Bucket: aws.String("artifacts"), Prefix: aws.String("templates/"), MaxKeys: aws.Int32(2)})
	count := 0
	for pages.HasMorePages() {
		count += len(must(pages.NextPage(t.Context())).Contents)
	}
	if count != 5 {
		t.Errorf("%d objects", count)
	}
	for body, want := range map[string]string{"5;chunk-signature=x\r\nhello\r\n3\r\n wo\r\n0\r\nx-amz-checksum:y\r\n\r\n": "hello wo", "zz\r\n": "", "9\r\nshort": ""} {
		request := must(http.NewRequest(http.MethodPut, "https://s3/artifacts/chunked", strings.NewReader(body)))
		request.Header.Set("X-Amz-Decoded-Content-Length", "8")
		must(a.sim.Client().Do(request))
		out := must(a.store.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("artifacts"), Key: aws.String("chunked")}))
		if got := must(io.ReadAll(out.Body)); string(got) != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
