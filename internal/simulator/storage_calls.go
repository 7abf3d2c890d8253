package simulator

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

func bucketAndKey(path string) (bucket, key string) {
	bucket, key, _ = strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return bucket, key
}

// storageOperation is the API's name of a REST call, path-style (Amazon S3 API reference).
func storageOperation(r *http.Request) string {
	_, key := bucketAndKey(r.URL.Path)
	query := r.URL.Query()
	switch {
	case key == "" && query.Has("versions"):
		return "ListObjectVersions"
	case key == "" && query.Has("uploads"):
		return "ListMultipartUploads"
	case key == "" && query.Has("delete"):
		return "DeleteObjects"
	case key == "" && query.Has("versioning"):
		return "GetBucketVersioning"
	case key == "" && query.Has("publicAccessBlock"):
		return "GetPublicAccessBlock"
	case key == "" && query.Has("encryption"):
		return "GetBucketEncryption"
	case key == "" && r.Method == http.MethodHead:
		return "HeadBucket"
	case key == "":
		return "ListObjectsV2"
	case query.Has("uploadId") && r.Method == http.MethodDelete:
		return "AbortMultipartUpload"
	case r.Method == http.MethodPut:
		return "PutObject"
	case r.Method == http.MethodDelete:
		return "DeleteObject"
	case r.Method == http.MethodHead:
		return "HeadObject"
	}
	return "GetObject"
}

// Answers of Amazon S3 (API reference, "Error responses").
func noSuchKey() *Error {
	return &Error{http.StatusNotFound, "NoSuchKey", "The specified key does not exist."}
}

func preconditionFailed() *Error {
	return &Error{http.StatusPreconditionFailed, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold"}
}

// serveStorage answers Amazon S3's REST calls.
func (s *Simulator) serveStorage(w http.ResponseWriter, c *call) {
	name, key := bucketAndKey(c.http.URL.Path)
	b := s.objects.buckets[name]
	expected := c.http.Header.Get("X-Amz-Expected-Bucket-Owner")
	var err *Error
	switch {
	case b == nil:
		err = &Error{http.StatusNotFound, "NoSuchBucket", "The specified bucket does not exist"}
	case b.owner != s.options.Account, expected != "" && expected != b.owner:
		err = &Error{http.StatusForbidden, "AccessDenied", "Access Denied"}
	default:
		err = s.storageActions()[c.operation](w, c, b, key)
	}
	switch {
	case err == nil:
	case c.http.Method == http.MethodHead: // answers to HEAD have no body (API reference, HeadObject)
		w.WriteHeader(err.Status)
	default:
		respondError(w, c, err)
	}
}

type storageAction func(w http.ResponseWriter, c *call, b *bucket, key string) *Error

func (s *Simulator) storageActions() map[string]storageAction {
	return map[string]storageAction{"ListObjectsV2": s.listObjects, "ListObjectVersions": s.listVersions, "ListMultipartUploads": s.listUploads, "DeleteObjects": s.deleteObjects,
		"GetBucketVersioning": s.bucketVersioning, "GetPublicAccessBlock": s.publicAccessBlock, "GetBucketEncryption": s.bucketEncryption, "HeadBucket": func(http.ResponseWriter, *call, *bucket, string) *Error { return nil }, "AbortMultipartUpload": s.abortUpload,
		"PutObject": s.putObject, "DeleteObject": s.deleteObject, "HeadObject": s.getObject, "GetObject": s.getObject}
}

// putObject honours conditional writes (S3 User Guide, "How to prevent object overwrites with conditional writes").
func (s *Simulator) putObject(w http.ResponseWriter, c *call, b *bucket, key string) *Error {
	old, match := b.latest(key), c.http.Header.Get("If-Match")
	switch {
	case c.http.Header.Get("If-None-Match") == "*" && old != nil, match != "" && old != nil && match != old.tag:
		return preconditionFailed()
	case match != "" && old == nil:
		return noSuchKey()
	}
	v := s.store(b, key, c.payload)
	if wantsSum(c.http) {
		sum := sha256.Sum256(v.body)
		v.sum = base64.StdEncoding.EncodeToString(sum[:])
	}
	w.Header().Set("ETag", v.tag)
	if b.versioned {
		w.Header().Set("X-Amz-Version-Id", v.id)
	}
	return nil
}

// wantsSum tells whether a writer wants SHA-256 as the object's checksum: S3 computes it from what it got, and refuses what does not fit
// (User Guide, "Checking object integrity for data uploads in Amazon S3").
func wantsSum(r *http.Request) bool {
	return r.Header.Get("X-Amz-Checksum-Sha256") != "" || strings.EqualFold(r.Header.Get("X-Amz-Trailer"), "x-amz-checksum-sha256")
}

// deleteObject deletes an object, or a version of it (API reference, DeleteObject).
func (s *Simulator) deleteObject(w http.ResponseWriter, c *call, b *bucket, key string) *Error {
	old, match, id := b.latest(key), c.http.Header.Get("If-Match"), c.http.URL.Query().Get("versionId")
	switch {
	case match != "" && old == nil:
		return noSuchKey()
	case match != "" && match != old.tag:
		return preconditionFailed()
	case id != "":
		b.drop(key, id)
	default:
		if marker := s.erase(b, key); marker != nil {
			w.Header().Set("X-Amz-Delete-Marker", "true")
			w.Header().Set("X-Amz-Version-Id", marker.id)
		}
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Simulator) getObject(w http.ResponseWriter, c *call, b *bucket, key string) *Error {
	v := b.latest(key)
	if v == nil {
		return noSuchKey()
	}
	w.Header().Set("ETag", v.tag)
	w.Header().Set("Last-Modified", v.at.UTC().Format(http.TimeFormat))
	if v.sum != "" && c.http.Header.Get("X-Amz-Checksum-Mode") == "ENABLED" {
		w.Header().Set("X-Amz-Checksum-Sha256", v.sum)
		w.Header().Set("X-Amz-Checksum-Type", "FULL_OBJECT")
	}
	if c.operation == "GetObject" {
		_, _ = w.Write(v.body)
	}
	return nil
}

func (s *Simulator) abortUpload(w http.ResponseWriter, c *call, b *bucket, key string) *Error {
	id, had := c.http.URL.Query().Get("uploadId"), len(b.uploads)
	b.uploads = slices.DeleteFunc(b.uploads, func(u upload) bool { return u.key == key && u.id == id })
	if len(b.uploads) == had {
		return &Error{http.StatusNotFound, "NoSuchUpload", "The specified upload does not exist."}
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// deleteObjects deletes up to 1,000 objects or versions (API reference, DeleteObjects).
func (s *Simulator) deleteObjects(w http.ResponseWriter, c *call, b *bucket, _ string) *Error {
	var in struct {
		Quiet   bool
		Objects []struct{ Key, VersionId string } `xml:"Object"`
	}
	if err := xml.Unmarshal(c.payload, &in); err != nil || len(in.Objects) > 1000 {
		return &Error{http.StatusBadRequest, "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema"}
	}
	var body []element
	for _, o := range in.Objects {
		if o.VersionId != "" {
			b.drop(o.Key, o.VersionId)
		} else {
			s.erase(b, o.Key)
		}
		if !in.Quiet {
			body = append(body, element{"Deleted", []element{{"Key", o.Key}, {"VersionId", o.VersionId}}})
		}
	}
	writeXML(w, element{"DeleteResult", body})
	return nil
}

func (s *Simulator) bucketVersioning(w http.ResponseWriter, _ *call, b *bucket, _ string) *Error {
	status := map[bool]string{true: "Enabled"}[b.versioned]
	if changed, is := s.tampered[b.name]["VersioningConfiguration.Status"]; is {
		status = changed
	}
	writeXML(w, element{"VersioningConfiguration", []element{{"Status", status}}})
	return nil
}

// writeXML writes a result of S3.
func writeXML(w http.ResponseWriter, e element) {
	w.Header().Set("Content-Type", "application/xml")
	encoder := xml.NewEncoder(w)
	writeElement(encoder, e)
	_ = encoder.Flush()
}

// plain is a body, also one that came in the chunks of a signed stream (S3 API reference, "aws-chunked").
func plain(r *http.Request, body []byte) []byte {
	if !strings.Contains(r.Header.Get("Content-Encoding"), "aws-chunked") && r.Header.Get("X-Amz-Decoded-Content-Length") == "" {
		return body
	}
	var whole []byte
	for rest := string(body); ; {
		head, after, _ := strings.Cut(rest, "\r\n")
		size, _, _ := strings.Cut(head, ";")
		n, err := strconv.ParseInt(size, 16, 64)
		if err != nil || n <= 0 || int(n) > len(after) {
			return whole
		}
		whole, rest = append(whole, after[:n]...), strings.TrimPrefix(after[n:], "\r\n")
	}
}
