package simulator

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// limit is the size of a page asked for; S3 gives 1,000 at most.
func limit(c *call, name string) int {
	n, err := strconv.Atoi(c.http.URL.Query().Get(name))
	if err != nil || n > 1000 {
		return 1000
	}
	return n
}

// listObjects is ListObjectsV2.
func (s *Simulator) listObjects(w http.ResponseWriter, c *call, b *bucket, _ string) *Error {
	query, keys := c.http.URL.Query(), []string{}
	for _, v := range b.versions {
		if after := max(query.Get("continuation-token"), query.Get("start-after")); strings.HasPrefix(v.key, query.Get("prefix")) && v.key > after && b.latest(v.key) == v {
			keys = append(keys, v.key)
		}
	}
	slices.Sort(keys)
	shown, more := cut(keys, "", limit(c, "max-keys"))
	body := []element{{"Name", b.name}, {"Prefix", query.Get("prefix")}, {"KeyCount", len(shown)}, {"IsTruncated", more != ""}}
	for _, key := range shown {
		v := b.latest(key)
		body = append(body, element{"Contents", []element{{"Key", key}, {"ETag", v.tag}, {"Size", len(v.body)}, {"LastModified", v.at}, {"StorageClass", "STANDARD"}}})
	}
	if more != "" {
		body = append(body, element{"NextContinuationToken", shown[len(shown)-1]})
	}
	writeXML(w, element{"ListBucketResult", body})
	return nil
}

// listVersions lists versions and delete markers by key, the newest first.
func (s *Simulator) listVersions(w http.ResponseWriter, c *call, b *bucket, _ string) *Error {
	query := c.http.URL.Query()
	all := slices.Clone(b.versions)
	slices.Reverse(all)
	slices.SortStableFunc(all, func(x, y *version) int { return strings.Compare(x.key, y.key) })
	from := 0
	for i, v := range all {
		if v.key < query.Get("key-marker") || v.key == query.Get("key-marker") && (query.Get("version-id-marker") == "" || v.id == query.Get("version-id-marker")) {
			from = i + 1
		}
	}
	var found []*version
	for _, v := range all[from:] {
		if strings.HasPrefix(v.key, query.Get("prefix")) {
			found = append(found, v)
		}
	}
	shown, more := cut(found, "", limit(c, "max-keys"))
	body := []element{{"Name", b.name}, {"IsTruncated", more != ""}}
	for _, v := range shown {
		newest := all[slices.IndexFunc(all, func(other *version) bool { return other.key == v.key })] == v
		e := []element{{"Key", v.key}, {"VersionId", v.id}, {"IsLatest", newest}, {"LastModified", v.at}}
		if v.marker {
			body = append(body, element{"DeleteMarker", e})
			continue
		}
		body = append(body, element{"Version", append(e, element{"ETag", v.tag}, element{"Size", len(v.body)}, element{"StorageClass", "STANDARD"})})
	}
	if more != "" {
		last := shown[len(shown)-1]
		body = append(body, element{"NextKeyMarker", last.key}, element{"NextVersionIdMarker", last.id})
	}
	writeXML(w, element{"ListVersionsResult", body})
	return nil
}

func (s *Simulator) listUploads(w http.ResponseWriter, c *call, b *bucket, _ string) *Error {
	query := c.http.URL.Query()
	from := 1 + slices.IndexFunc(b.uploads, func(u upload) bool { return u.id == query.Get("upload-id-marker") })
	var found []upload
	for _, u := range b.uploads[from:] {
		if strings.HasPrefix(u.key, query.Get("prefix")) {
			found = append(found, u)
		}
	}
	shown, more := cut(found, "", limit(c, "max-uploads"))
	body := []element{{"Bucket", b.name}, {"IsTruncated", more != ""}}
	for _, u := range shown {
		body = append(body, element{"Upload", []element{{"Key", u.key}, {"UploadId", u.id}, {"Initiated", u.at}, {"StorageClass", "STANDARD"}}})
	}
	if more != "" {
		last := shown[len(shown)-1]
		body = append(body, element{"NextKeyMarker", last.key}, element{"NextUploadIdMarker", last.id})
	}
	writeXML(w, element{"ListMultipartUploadsResult", body})
	return nil
}
