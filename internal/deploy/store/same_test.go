package store_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/source"
)

// write puts bytes under a key as somebody with the permission can: with the checksum that S3 computes, or without.
func (a *account) write(key string, body []byte, summed bool) {
	a.Helper()
	c, err := cloud.Open(a.Context(), cloud.Options{Region: "us-east-1", Client: a.sim.Client(), Clock: a.sim.Clock(), Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "x", "")})
	if err != nil {
		a.Fatal(err)
	}
	in := &s3.PutObjectInput{Bucket: new("artifacts"), Key: &key, Body: bytes.NewReader(body)}
	if summed {
		in.ChecksumAlgorithm = types.ChecksumAlgorithmSha256
	}
	if _, err := c.S3().PutObject(a.Context(), in); err != nil {
		a.Fatal(err)
	}
}

// Whoever may write templates could put other bytes under the address of one that was reviewed: they are never deployed.
func TestUploadRefusesOtherBytesUnderTheAddress(t *testing.T) {
	one := template(t, "one", "")
	other := []byte("Resources: {Backdoor: {Type: AWS::IAM::Role}}\n")
	sum := sha256.Sum256(other)
	for name, c := range map[string]struct {
		body           []byte
		summed, wanted bool
	}{
		"other bytes, summed by S3":      {other, true, false},
		"other bytes without a checksum": {other, false, false},
		"the same, summed by S3":         {one.Body, true, true},
		"the same without a checksum":    {one.Body, false, true},
		"nothing":                        {nil, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAccount(t)
			a.write(one.Key(), c.body, c.summed)
			got, err := a.bucket(0).Upload(t.Context(), []*source.Template{one})
			if c.wanted {
				if err != nil || got.Objects != 0 {
					t.Errorf("%+v, %v", got, err)
				}
				return
			}
			refused(t, err, fault.Refused, "one.yaml", "s3://artifacts/"+one.Key(), one.Hash, "delete that version")
			if c.body != nil && !strings.Contains(err.Error(), hex.EncodeToString(sum[:])) {
				t.Errorf("it does not tell the hash of what is there: %v", err)
			}
		})
	}
}

// The checksum of an object that was uploaded in parts is one of the parts' checksums: the bytes decide.
func TestUploadReadsWhatHasNoPlainChecksum(t *testing.T) {
	one := template(t, "one", "")
	for name, header := range map[string]http.Header{
		"of parts":   {"X-Amz-Checksum-Sha256": {base64.StdEncoding.EncodeToString(make([]byte, 32)) + "-2"}, "X-Amz-Checksum-Type": {"COMPOSITE"}},
		"composite":  {"X-Amz-Checksum-Sha256": {base64.StdEncoding.EncodeToString(make([]byte, 32))}, "X-Amz-Checksum-Type": {"COMPOSITE"}},
		"too short":  {"X-Amz-Checksum-Sha256": {base64.StdEncoding.EncodeToString(make([]byte, 8))}},
		"no SHA-256": {"X-Amz-Checksum-Crc64nvme": {"AAAAAAAAAAA="}},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAccount(t)
			a.write(one.Key(), one.Body, true)
			a.before = func(r *http.Request) *http.Response {
				if r.Method != http.MethodHead {
					return nil
				}
				head := answer(http.StatusOK, "")
				head.Header = header
				return head
			}
			if _, err := a.bucket(0).Upload(t.Context(), []*source.Template{one}); err != nil {
				t.Error(err)
			}
		})
	}
}

// What cannot be compared is not taken for the same.
func TestUploadThatCannotCompare(t *testing.T) {
	one := template(t, "one", "")
	for name, c := range map[string]struct {
		head, get *http.Response
		code      fault.Code
		says      string
	}{
		"not permitted":              {head: answer(http.StatusForbidden, ""), code: fault.Usage, says: "compare one.yaml"},
		"deleted since":              {head: answer(http.StatusNotFound, ""), code: fault.Unexpected, says: "compare one.yaml"},
		"deleted while it is read":   {head: answer(http.StatusOK, ""), get: answer(http.StatusNotFound, "<Error><Code>NoSuchKey</Code></Error>"), code: fault.Unexpected, says: "NoSuchKey"},
		"not permitted, in the body": {head: answer(http.StatusOK, ""), get: answer(http.StatusForbidden, "<Error><Code>AccessDenied</Code></Error>"), code: fault.Usage, says: "a permission is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAccount(t)
			a.write(one.Key(), one.Body, false)
			a.before = func(r *http.Request) *http.Response {
				return map[string]*http.Response{http.MethodHead: c.head, http.MethodGet: c.get}[r.Method]
			}
			_, err := a.bucket(0).Upload(t.Context(), []*source.Template{one})
			refused(t, err, c.code, c.says)
		})
	}
}

// Nine templates go in one wave of nine calls: each waits here until all have arrived. Those that are there already cost one call more.
func TestUploadIsOneWave(t *testing.T) {
	const platform = 9
	a := newAccount(t)
	var templates []*source.Template
	for i := range platform {
		templates = append(templates, template(t, "t"+string(rune('0'+i)), ""))
	}
	var together sync.WaitGroup
	together.Add(platform)
	var lock sync.Mutex
	calls := map[string]int{}
	wave := func(r *http.Request) *http.Response {
		lock.Lock()
		calls[r.Method]++
		lock.Unlock()
		if r.Method == http.MethodPut {
			together.Done()
			together.Wait()
		}
		return nil
	}
	a.before = wave
	sent, err := a.bucket(0).Upload(t.Context(), templates)
	if err != nil || sent.Objects != platform || calls[http.MethodPut] != platform || len(calls) != 1 {
		t.Errorf("%+v, %v, calls %v", sent, err, calls)
	}
	clear(calls)
	together.Add(platform)
	templates[0] = template(t, "new", "")
	sent, err = a.bucket(0).Upload(t.Context(), templates)
	if err != nil || sent.Objects != 1 || calls[http.MethodPut] != platform || calls[http.MethodHead] != platform-1 || len(calls) != 2 {
		t.Errorf("%+v, %v, calls %v", sent, err, calls)
	}
}
