package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tierform/tierform/internal/deploy/fault"
)

// Labels are refused before anything is asked of AWS, with the limit that they break.
func TestLabels(t *testing.T) {
	var many []string
	for i := range maxTags {
		many = append(many, fmt.Sprintf("Key%d=x", i))
	}
	hash := strings.Repeat("0a", 32)
	for _, tc := range []struct {
		tags, images []string
		says         string
	}{
		{[]string{"Team=a b", "Größe=1:2+3", strings.Repeat("ä", 128) + "=" + strings.Repeat("ä", 256)}, []string{"api=sha256:" + hash, "web=repository@sha256:" + hash}, ""},
		{many[1:], nil, ""},
		{many, nil, `(found "50"); allowed: at most 49 beside Environment`},
		{[]string{strings.Repeat("k", 129) + "=x"}, nil, "the key has 129 characters"},
		{[]string{"Team=" + strings.Repeat("v", 257)}, nil, "the value has 257 characters"},
		{[]string{"Team"}, nil, "--tag takes NAME=VALUE"},
		{[]string{"=x"}, nil, "--tag takes NAME=VALUE"},
		{[]string{"AWS:x=y"}, nil, "reserved for AWS"},
		{[]string{"Team=a\nb"}, nil, "not all services take these characters"},
		{nil, []string{"api"}, "--image takes NAME=VALUE"},
		{nil, []string{"api=sha256:" + hash + "0"}, "64 hexadecimal digits"},
		{nil, []string{"api=sha256:" + strings.ToUpper(hash)}, "64 hexadecimal digits"},
		{nil, []string{"api=@sha256:" + hash}, "64 hexadecimal digits"},
	} {
		_, _, err := (&planFlags{tags: tc.tags, images: tc.images}).labels()
		switch {
		case tc.says == "" && err != nil:
			t.Error(err)
		case tc.says != "" && (fault.CodeOf(err) != fault.Usage || !strings.Contains(err.Error(), tc.says)):
			t.Errorf("%v, want %q", err, tc.says)
		}
	}
}

// JSON is told from a command line that cannot be parsed.
func TestInJSON(t *testing.T) {
	for line, want := range map[string]bool{
		"-o json": true, "plan -ojson --nope": true, "-o=json": true, "--output json": true, "--output=json": true, "-qo json": true,
		"-o human": false, "-o json -o human": false, "-o": false, "plan": false, "--output": false, "-- -o json": false, "-e json": false, "--no json": false,
	} {
		if got := inJSON(strings.Fields(line)); got != want {
			t.Errorf("%q: %v", line, got)
		}
	}
}
