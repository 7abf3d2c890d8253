package cfn_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestReadByYAML11 reads templates full of nasty texts with PyYAML, which follows YAML 1.1, and compares the data with
// what was written. `make test` sets the variable to the Python that cfn-lint is installed for.
func TestReadByYAML11(t *testing.T) {
	python := os.Getenv("TIERFORM_PYTHON")
	if python == "" {
		t.Skip("TIERFORM_PYTHON is unset: no Python with PyYAML to compare with (make test sets it)")
	}
	pairs := nastyPairs(2000)
	texts, want := make([]string, len(pairs)), make([]any, len(pairs))
	for i, p := range pairs {
		c, data := sample(p[0], p[1])
		texts[i], want[i] = files(t, c)["test.yaml"], data
	}
	// The constant texts go through PyYAML's own scanner, the drawn ones through libyaml's.
	command := exec.Command(python, "testdata/decode.py", strconv.Itoa(len(nastyPairs(0))))
	command.Stdin = bytes.NewReader(asJSON(t, texts))
	command.Stderr = os.Stderr
	output, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	var got, expected []any
	for text, into := range map[string]*[]any{string(output): &got, string(asJSON(t, want)): &expected} {
		if err := json.Unmarshal([]byte(text), into); err != nil {
			t.Fatal(err)
		}
	}
	if len(got) != len(expected) {
		t.Fatalf("got %d documents, want %d", len(got), len(expected))
	}
	for i := range expected {
		if diff := cmp.Diff(expected[i], got[i]); diff != "" {
			t.Fatalf("%q (-want +got):\n%s\n%s", pairs[i], diff, texts[i])
		}
	}
}

func asJSON(t *testing.T, v any) []byte {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
