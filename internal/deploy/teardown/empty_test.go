package teardown_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/teardown"
)

func versions(more bool, keys ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<ListVersionsResult><IsTruncated>%t</IsTruncated><NextKeyMarker>k</NextKeyMarker><NextVersionIdMarker>v</NextVersionIdMarker>`, more)
	for i, key := range keys {
		kind := []string{"Version", "DeleteMarker"}[i%2]
		fmt.Fprintf(&b, `<%s><Key>%s</Key><VersionId>1</VersionId></%s>`, kind, key, kind)
	}
	return b.String() + `</ListVersionsResult>`
}

const (
	deleted    = `<DeleteResult></DeleteResult>`
	stubborn   = `<DeleteResult><Error><Key>a</Key><Code>AccessDenied</Code><Message>object lock</Message></Error></DeleteResult>`
	noUploads  = `<ListMultipartUploadsResult><IsTruncated>false</IsTruncated></ListMultipartUploadsResult>`
	oneUpload  = `<ListMultipartUploadsResult><IsTruncated>false</IsTruncated><Upload><Key>u</Key><UploadId>1</UploadId></Upload></ListMultipartUploadsResult>`
	moreUpload = `<ListMultipartUploadsResult><IsTruncated>true</IsTruncated><NextKeyMarker>u</NextKeyMarker><NextUploadIdMarker>1</NextUploadIdMarker><Upload><Key>u</Key><UploadId>1</UploadId></Upload></ListMultipartUploadsResult>`
)

func TestBucket(t *testing.T) {
	for name, tc := range map[string]struct {
		answers map[string][]string
		deleted int
		want    string
	}{
		"empty":                {map[string][]string{"s3:versions": {versions(false)}, "s3:uploads": {noUploads}}, 0, ""},
		"pages":                {map[string][]string{"s3:versions": {versions(true, "a", "b"), versions(false, "c"), versions(false)}, "s3:delete": {deleted}, "s3:uploads": {noUploads}}, 3, ""},
		"the lock stays":       {map[string][]string{"s3:versions": {versions(false, "a", "lock"), versions(false, "lock")}, "s3:delete": {deleted}, "s3:uploads": {noUploads}}, 1, ""},
		"none such":            {map[string][]string{"s3:versions": {failedS3("NoSuchBucket")}}, 0, ""},
		"gone on the way":      {map[string][]string{"s3:versions": {versions(false, "a"), versions(false)}, "s3:delete": {deleted}, "s3:uploads": {failedS3("NoSuchBucket")}}, 1, ""},
		"not listed":           {map[string][]string{"s3:versions": {failedS3("AccessDenied")}}, 0, "list what is in bucket b"},
		"not deleted":          {map[string][]string{"s3:versions": {versions(false, "a")}, "s3:delete": {failedS3("AccessDenied")}}, 0, "empty bucket b"},
		"some stay once":       {map[string][]string{"s3:versions": {versions(false, "a", "b"), versions(false, "a"), versions(false)}, "s3:delete": {stubborn, deleted}, "s3:uploads": {noUploads}}, 2, ""},
		"one stays":            {map[string][]string{"s3:versions": {versions(false, "a")}, "s3:delete": {stubborn}}, 0, "1 object stays, the first is a: object lock"},
		"uploads":              {map[string][]string{"s3:versions": {versions(false)}, "s3:uploads": {moreUpload, oneUpload}, "s3:uploadId": {"<R/>", failedS3("NoSuchUpload")}}, 0, ""},
		"uploads not listed":   {map[string][]string{"s3:versions": {versions(false)}, "s3:uploads": {failedS3("AccessDenied")}}, 0, "list the unfinished uploads"},
		"upload not abandoned": {map[string][]string{"s3:versions": {versions(false)}, "s3:uploads": {oneUpload}, "s3:uploadId": {failedS3("AccessDenied")}}, 0, "abort an unfinished upload"},
	} {
		t.Run(name, func(t *testing.T) {
			way, _ := scripted(t, tc.answers)
			told := 0
			n, err := teardown.Bucket{API: way.S3(), Name: "b", Owner: "111122223333", Spare: "lock", Progress: func(n int) { told = n }}.Empty(t.Context())
			wants(t, err, tc.want)
			if n != tc.deleted || told != tc.deleted {
				t.Errorf("deleted %d, told %d, want %d", n, told, tc.deleted)
			}
		})
	}
}

// Each page is asked for from where the one before ended, and each unfinished upload is aborted.
func TestBucketPages(t *testing.T) {
	way, script := scripted(t, map[string][]string{"s3:versions": {versions(true, "a"), versions(false, "b"), versions(false)}, "s3:delete": {deleted}, "s3:uploads": {moreUpload, oneUpload}, "s3:uploadId": {"<R/>"}})
	_, err := teardown.Bucket{API: way.S3(), Name: "b", Owner: "111122223333"}.Empty(t.Context())
	wants(t, err, "")
	asked := map[string]int{}
	for i, name := range script.asked {
		asked[name]++
		q, err := url.ParseQuery(script.queries[i])
		wants(t, err, "")
		if name == "s3:versions" && asked[name] == 2 && (q.Get("key-marker") != "k" || q.Get("version-id-marker") != "v") || name == "s3:uploads" && asked[name] == 2 && (q.Get("key-marker") != "u" || q.Get("upload-id-marker") != "1") {
			t.Errorf("%s: the second page begins at %v", name, q)
		}
	}
	if diff := cmp.Diff(map[string]int{"s3:versions": 3, "s3:delete": 2, "s3:uploads": 2, "s3:uploadId": 2}, asked); diff != "" {
		t.Error(diff)
	}
}

func images(next string, digests ...string) string {
	var ids []string
	for _, d := range digests {
		ids = append(ids, `{"imageDigest":"`+d+`"}`)
	}
	return `{"imageIds":[` + strings.Join(ids, ",") + `]` + next + `}`
}

func TestRepository(t *testing.T) {
	many := make([]string, 150)
	for i := range many {
		many[i] = fmt.Sprintf("sha256:%03d", i)
	}
	const referenced = `{"failures":[{"failureCode":"ImageReferencedByManifestList","failureReason":"an index needs it"}]}`
	for name, tc := range map[string]struct {
		answers map[string][]string
		deleted int
		want    string
	}{
		"none such":            {map[string][]string{"ecr:ListImages": {failed("RepositoryNotFoundException")}}, 0, ""},
		"indexes first":        {map[string][]string{"ecr:ListImages": {images("", "a", "b"), images("", "b"), images("")}, "ecr:BatchDeleteImage": {referenced, `{}`}}, 2, ""},
		"many":                 {map[string][]string{"ecr:ListImages": {images(`,"nextToken":"n"`, many...), images("", "sha256:000"), images("")}, "ecr:BatchDeleteImage": {`{}`}}, 150, ""},
		"deleted by the first": {map[string][]string{"ecr:ListImages": {images("", "a"), images("")}, "ecr:BatchDeleteImage": {`{"failures":[{"failureCode":"ImageNotFound"}]}`}}, 1, ""},
		"stuck":                {map[string][]string{"ecr:ListImages": {images("", "a")}, "ecr:BatchDeleteImage": {referenced}}, 0, "repository r keeps 1 image that cannot be deleted: ImageReferencedByManifestList: an index needs it"},
		"not listed":           {map[string][]string{"ecr:ListImages": {failed("AccessDeniedException")}}, 0, "list the images of r"},
		"not deleted":          {map[string][]string{"ecr:ListImages": {images("", "a")}, "ecr:BatchDeleteImage": {failed("AccessDeniedException")}}, 0, "delete the images of r"},
	} {
		t.Run(name, func(t *testing.T) {
			way, _ := scripted(t, tc.answers)
			n, err := teardown.EmptyRepository(t.Context(), way.ECR(), "r")
			wants(t, err, tc.want)
			if n != tc.deleted {
				t.Errorf("deleted %d, want %d", n, tc.deleted)
			}
		})
	}
}
