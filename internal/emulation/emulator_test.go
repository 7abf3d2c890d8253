package emulation

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// interpreter names the Python that has the emulator installed; make test sets it.
const interpreter = "TIERFORM_EMULATOR"

// An emulator is the process that all tests of a run share.
type emulator struct {
	// URL is its address, Placeholders are the resource types that it only pretends to make.
	URL, Version string
	Placeholders []string

	process *exec.Cmd
	input   io.Closer
}

// running is the emulator of this run; nil where none is installed.
var running *emulator

func TestMain(m *testing.M) {
	python := os.Getenv(interpreter)
	if python == "" {
		os.Exit(m.Run())
	}
	var err error
	if running, err = start(python, "../../tools/emulator.py"); err != nil {
		fmt.Fprintln(os.Stderr, "the emulator does not start:", err)
		os.Exit(1)
	}
	if err := running.answers(); err != nil {
		running.stop()
		fmt.Fprintln(os.Stderr, "the emulator does not answer:", err)
		os.Exit(1)
	}
	fmt.Printf("ministack %s; placeholders, which prove wiring, order and rollback but no resource: %s\n", running.Version, strings.Join(running.Placeholders, ", "))
	code := m.Run()
	running.stop()
	os.Exit(code)
}

// start starts the emulator and returns when it answers. It ends with this process, whose end of the pipe it reads.
func start(python, program string) (*emulator, error) {
	e := &emulator{process: exec.Command(python, program)}
	e.process.Stderr = os.Stderr
	var err error
	if e.input, err = e.process.StdinPipe(); err != nil {
		return nil, err
	}
	output, err := e.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := e.process.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewReader(output)
	line, err := lines.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, e)
	}
	if err != nil {
		e.stop()
		return nil, err
	}
	go func() { _, _ = io.Copy(io.Discard, lines) }()
	return e, nil
}

// answers asks for the emulator's health until it has some.
func (e *emulator) answers() error {
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); {
		response, err := http.Get(e.URL + "/_ministack/health")
		if err == nil {
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
		}
	}
	return errors.New("no health after 30 seconds")
}

// stop ends the process that start started, and no other.
func (e *emulator) stop() {
	_ = e.input.Close()
	_ = e.process.Process.Kill()
	_ = e.process.Wait()
}

// accounts counts those given out.
var accounts atomic.Int64

// newAccount is an AWS account of the test's own, or skips the test: the emulator keeps accounts apart by the twelve digits that the
// access key is.
func newAccount(t *testing.T) string {
	t.Helper()
	if running == nil {
		t.Skip("no emulator: make test installs it; by hand, set " + interpreter + " to a Python that has tools/python/requirements.txt installed")
	}
	return fmt.Sprintf("%012d", 100_000_000_000+accounts.Add(1))
}
