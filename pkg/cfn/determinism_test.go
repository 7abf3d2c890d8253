package cfn_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"

	"github.com/tierform/tierform/pkg/cfn"
)

// digest is everything that is rendered for a platform: names and bytes of the files in their order.
func digest(t testing.TB, c *cfn.Compiler, template *cfn.Template) []byte {
	t.Helper()
	list, err := c.Compile(template)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	for _, f := range list {
		fmt.Fprintf(&b, "%s %d\n%s", f.Name, len(f.Data), f.Data)
	}
	return b.Bytes()
}

var services = []string{"ServiceA", "ServiceB", "ServiceC"}

func TestSameBytesFromTwoRenders(t *testing.T) {
	template := platform(services...)
	first := digest(t, compiler(t), template)
	if !bytes.Equal(first, digest(t, compiler(t), template)) {
		t.Error("one template gives different bytes the second time")
	}
	if !bytes.Equal(first, digest(t, compiler(t), platform(services...))) {
		t.Error("the same declarations give different bytes")
	}
	fresh, err := cfn.NewCompiler()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first, digest(t, fresh, platform(services...))) {
		t.Error("another compiler gives different bytes")
	}
	if bytes.Contains(first, []byte("-8888")) {
		t.Error("a number reference is left in the text")
	}
}

// childVariable makes a test binary run as one of the processes of TestSameBytesFromTwoProcesses.
const childVariable = "TIERFORM_RENDER_TO_STDERR"

func TestSameBytesFromTwoProcesses(t *testing.T) {
	if os.Getenv(childVariable) != "" {
		_, _ = os.Stderr.Write(digest(t, compiler(t), platform(services...)))
		return
	}
	want := digest(t, compiler(t), platform(services...))
	for range 2 {
		command := exec.Command(os.Args[0], "-test.run=^TestSameBytesFromTwoProcesses$")
		command.Env = append(os.Environ(), childVariable+"=1")
		var got bytes.Buffer
		command.Stderr = &got
		if err := command.Run(); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(want, got.Bytes()) {
			t.Fatalf("another process renders %d bytes, this one %d, or others", got.Len(), len(want))
		}
	}
}

// TestSameBytesFromManyGoroutines shares one new compiler and one template, and has templates with faults among them.
func TestSameBytesFromManyGoroutines(t *testing.T) {
	shared := platform(services...)
	want := digest(t, compiler(t), shared)
	faulty := func() *cfn.Template {
		c := topicTemplate()
		display(c, ref("Nope"))
		return c
	}
	_, wantErr := compiler(t).Compile(faulty())
	c, err := cfn.NewCompiler()
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			for range 3 {
				for _, template := range []*cfn.Template{shared, platform(services...)} {
					list, err := c.Compile(template)
					if err != nil {
						t.Error(err)
						return
					}
					var got bytes.Buffer
					for _, f := range list {
						fmt.Fprintf(&got, "%s %d\n%s", f.Name, len(f.Data), f.Data)
					}
					if !bytes.Equal(want, got.Bytes()) {
						t.Error("goroutines give different bytes")
					}
				}
				if _, err := c.Compile(faulty()); err == nil || err.Error() != wantErr.Error() {
					t.Errorf("got error %v, want %v", err, wantErr)
				}
			}
		})
	}
	group.Wait()
}

// TestFilesAreTheCallersOwn: a compiler keeps its memory for the next template.
func TestFilesAreTheCallersOwn(t *testing.T) {
	first, err := compiler(t).Compile(platform("ServiceA"))
	if err != nil {
		t.Fatal(err)
	}
	before := bytes.Clone(first[1].Data)
	digest(t, compiler(t), platform("Another"))
	if !bytes.Equal(before, first[1].Data) {
		t.Error("compiling a template changes the file of another")
	}
}
