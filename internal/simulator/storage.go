package simulator

import (
	"crypto/md5"
	"encoding/hex"
	"net/url"
	"slices"
	"time"
)

// objects are those of all buckets.
type objects struct{ buckets map[string]*bucket }

// A bucket keeps the versions of its objects, the newest of each last.
type bucket struct {
	name, owner string
	versioned   bool
	versions    []*version
	uploads     []upload
}

// A version is one of an object, or a delete marker. A bucket without versioning has one, "null", of each.
type version struct {
	key, id, tag string
	body         []byte
	// sum is the SHA-256 in base64 where the writer wanted that checksum.
	sum    string
	marker bool
	at     time.Time
}

// An upload is a multipart upload that was not completed.
type upload struct {
	key, id string
	at      time.Time
}

// CreateBucket makes a bucket outside of any stack.
func (s *Simulator) CreateBucket(name string) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.bucket(name)
}

// CreateForeignBucket makes a bucket that another account owns: its calls are denied.
func (s *Simulator) CreateForeignBucket(name, account string) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.bucket(name).owner = account
}

func (s *Simulator) bucket(name string) *bucket {
	if s.objects.buckets[name] == nil {
		s.objects.buckets[name] = &bucket{name: name, owner: s.options.Account}
	}
	return s.objects.buckets[name]
}

// full tells whether anything keeps the bucket from being deleted.
func (b *bucket) full() bool { return len(b.versions) > 0 || len(b.uploads) > 0 }

// latest is the newest version of an object; nil when there is none or it is deleted.
func (b *bucket) latest(key string) *version {
	for _, v := range slices.Backward(b.versions) {
		if v.key == key {
			if v.marker {
				return nil
			}
			return v
		}
	}
	return nil
}

// store writes an object.
func (s *Simulator) store(b *bucket, key string, body []byte) *version {
	sum := md5.Sum(body)
	v := &version{key: key, id: "null", body: body, at: s.present(), tag: `"` + hex.EncodeToString(sum[:]) + `"`}
	if b.versioned {
		v.id = "v" + s.nextID()
	} else {
		b.drop(key, "null")
	}
	b.versions = append(b.versions, v)
	return v
}

// erase deletes an object without naming a version; the delete marker it leaves, or nil.
func (s *Simulator) erase(b *bucket, key string) *version {
	if !b.versioned {
		b.drop(key, "null")
		return nil
	}
	v := &version{key: key, id: "v" + s.nextID(), marker: true, at: s.present()}
	b.versions = append(b.versions, v)
	return v
}

// drop deletes a version for good.
func (b *bucket) drop(key, id string) {
	b.versions = slices.DeleteFunc(b.versions, func(v *version) bool { return v.key == key && v.id == id })
}

// objectAt reads an object at a path-style address.
func (s *Simulator) objectAt(address string) ([]byte, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" {
		return nil, invalid("TemplateURL must be a supported URL.")
	}
	name, key := bucketAndKey(u.Path)
	b := s.objects.buckets[name]
	if b == nil {
		return nil, invalid("S3 error: The specified bucket does not exist")
	}
	if v := b.latest(key); v != nil {
		return v.body, nil
	}
	return nil, invalid("S3 error: The specified key does not exist. For more information check http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html")
}
