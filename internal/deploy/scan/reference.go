package scan

import (
	"context"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
)

// A Reference is what somebody calls an image: 1.4.2, sha256:…, payment-api:1.4.2 or registry/repository:1.4.2@sha256:….
type Reference struct{ Repository, Tag, Digest string }

// tagForm is that of tags (OCI distribution specification, "Pulling manifests").
var tagForm = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$`)

// ParseReference reads what is given for an image. A digest wins over a tag.
func ParseReference(text string) Reference {
	if strings.HasPrefix(text, "sha256:") {
		return Reference{Digest: text}
	}
	text, digest, _ := strings.Cut(text, "@")
	r := Reference{Tag: text, Digest: digest}
	slash := strings.LastIndexByte(text, '/')
	if colon := strings.LastIndexByte(text, ':'); colon > slash {
		r.Repository, r.Tag = text[:colon], text[colon+1:]
	} else if slash >= 0 || digest != "" {
		r.Repository, r.Tag = text, ""
	}
	return r
}

// Resolve turns what is given for an image into a digest. A tag is looked up, once: it may move at any time.
func Resolve(ctx context.Context, api Registry, name, repository, given string) (digest string, tag string, err error) {
	r := ParseReference(given)
	if last := r.Repository[strings.LastIndexByte(r.Repository, '/')+1:]; r.Repository != "" && last != repository && last != name {
		return "", "", &fault.Error{Code: fault.Usage, What: "--image " + name + " names another repository than the templates", Found: r.Repository, Allowed: repository}
	}
	if r.Digest != "" {
		return r.Digest, "", nil
	}
	if !tagForm.MatchString(r.Tag) {
		return "", "", &fault.Error{Code: fault.Usage, What: "--image " + name + " gives neither digest nor tag", Found: given, Allowed: name + "=sha256:… or " + name + "=TAG"}
	}
	detail, err := find(ctx, api, repository, types.ImageIdentifier{ImageTag: &r.Tag})
	if cloud.Missing(err) {
		return "", "", &fault.Error{Code: fault.Usage, What: "--image " + name + ": repository " + repository + " holds no image with this tag", Found: r.Tag, Err: err, Do: "push the image, or give its digest"}
	}
	if err != nil {
		return "", "", &fault.Error{Code: fault.CodeOf(err), What: "the tag of --image " + name + " cannot be looked up", Found: r.Tag, Err: err, Do: "give its digest"}
	}
	return aws.ToString(detail.ImageDigest), r.Tag, nil
}
