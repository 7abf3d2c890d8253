package main

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/tierform/tierform/internal/deploy/fault"
)

// assigned reads NAME=VALUE of a flag that may be given several times.
func assigned(flag string, given []string, check func(name, value string) (what, allowed string)) (map[string]string, error) {
	values := map[string]string{}
	for _, text := range given {
		name, value, ok := strings.Cut(text, "=")
		if !ok || name == "" {
			return nil, &fault.Error{Code: fault.Usage, What: flag + " takes NAME=VALUE", Found: text}
		}
		if what, allowed := check(name, value); what != "" {
			return nil, &fault.Error{Code: fault.Usage, What: flag + " " + name + ": " + what, Found: text, Allowed: allowed}
		}
		values[name] = value
	}
	return values, nil
}

// digest is the form of an image's digest, with or without its repository.
var digest = regexp.MustCompile(`^([^@]+@)?sha256:[0-9a-f]{64}$`)

// tag is the form of an image's tag, with or without its repository (OCI distribution specification, "Pulling manifests").
var tag = regexp.MustCompile(`^([a-z0-9][a-z0-9./_-]*:)?[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$`)

// checkImage wants a digest, or a tag, which is looked up once.
func checkImage(name, value string) (what, allowed string) {
	if digest.MatchString(value) || tag.MatchString(value) && !strings.Contains(value, "sha256") {
		return "", ""
	}
	return "this is neither a digest nor a tag", name + "=sha256: and 64 hexadecimal digits (aws ecr describe-images --query 'imageDetails[].imageDigest'), or a tag of the repository"
}

// Limits of tags (CloudFormation API reference, Tag, and CreateChangeSet), and the characters that all services take (Tagging AWS Resources
// User Guide, "Tag naming limits and requirements"): CloudFormation puts the tags onto every resource.
const (
	maxTagKey, maxTagValue = 128, 256
	maxTags                = 50
)

var tagText = regexp.MustCompile(`^[\p{L}\p{N}\p{Z}_.:/=+@-]*$`)

// ownTag is the command's own, by which destroy finds what is left.
const ownTag = "Environment"

func checkTag(key, value string) (what, allowed string) {
	switch {
	case strings.HasPrefix(strings.ToLower(key), "aws:"):
		return "keys that begin with aws: are reserved for AWS", "any other key"
	case key == ownTag:
		return "the command sets this tag itself", "any other key"
	case utf8.RuneCountInString(key) > maxTagKey:
		return fmt.Sprintf("the key has %d characters", utf8.RuneCountInString(key)), fmt.Sprintf("at most %d", maxTagKey)
	case value == "" || utf8.RuneCountInString(value) > maxTagValue:
		return fmt.Sprintf("the value has %d characters", utf8.RuneCountInString(value)), fmt.Sprintf("1 to %d", maxTagValue)
	case !tagText.MatchString(key + value):
		return "not all services take these characters", "letters, digits, spaces and _ . : / = + - @"
	}
	return "", ""
}

// labels are the values of --tag and --image.
func (p *planFlags) labels() (tags, images map[string]string, err error) {
	if tags, err = assigned("--tag", p.tags, checkTag); err != nil {
		return nil, nil, err
	}
	if len(tags) >= maxTags { // one is the command's own
		return nil, nil, &fault.Error{Code: fault.Usage, What: "--tag gives too many tags", Found: fmt.Sprint(len(tags)), Allowed: fmt.Sprintf("at most %d beside %s", maxTags-1, ownTag)}
	}
	images, err = assigned("--image", p.images, checkImage)
	return tags, images, err
}
