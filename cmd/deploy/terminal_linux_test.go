package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"
)

// terminal opens a pseudo-terminal of 80 columns: what is written to the second file is read from the first (man 4 pts).
func terminal(t *testing.T) (reader, writer *os.File) {
	t.Helper()
	reader, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { reader.Close() })
	control := func(request, argument uintptr) {
		if _, _, failed := syscall.Syscall(syscall.SYS_IOCTL, reader.Fd(), request, argument); failed != 0 {
			t.Fatal(failed)
		}
	}
	unlocked, number, size := int32(0), int32(0), [4]uint16{24, 80}
	control(syscall.TIOCSPTLCK, uintptr(unsafe.Pointer(&unlocked)))
	control(syscall.TIOCGPTN, uintptr(unsafe.Pointer(&number)))
	control(syscall.TIOCSWINSZ, uintptr(unsafe.Pointer(&size)))
	writer, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	return reader, writer
}

// shown is all that a command prints, in order: on a terminal, or into a pipe.
func (p *place) shown(onTerminal bool, code int, environment []string, args ...string) string {
	t := p.t.(*testing.T)
	t.Helper()
	var reader, writer *os.File
	if onTerminal {
		reader, writer = terminal(t)
	} else {
		var err error
		if reader, writer, err = os.Pipe(); err != nil {
			t.Fatal(err)
		}
	}
	c := exec.CommandContext(t.Context(), "deploy", args...)
	c.Dir, c.Env = p.dir, slices.Concat(p.environment(), []string{"PATH=" + os.Getenv("PATH"), "HOME=" + p.dir, "GOCOVERDIR=" + p.t.TempDir()}, environment)
	c.Stdout, c.Stderr = writer, writer
	text := make(chan string)
	go func() {
		data, _ := io.ReadAll(reader) // of a terminal: an error at the end
		text <- string(data)
	}()
	err := c.Run()
	writer.Close()
	shown := strings.ReplaceAll(<-text, "\r\n", "\n") // as terminals do
	if exitCode(err) != code {
		t.Fatalf("%v %v: exit code %d, want %d\n%s", environment, args, exitCode(err), code, shown)
	}
	return shown
}

// A terminal that wants nothing but text gets what a pipe gets, to the byte; one that does not say so gets more, and colours come into a
// pipe when they are asked for.
func TestPlainOutput(t *testing.T) {
	escapes := regexp.MustCompile("\x1b")
	for _, tt := range []struct {
		name string
		code int
		// changing commands need an account each time, so that their times and identifiers are the same.
		changing bool
		args     []string
	}{
		{"plan", 2, true, []string{"plan", "--detailed-exitcode", "-p", "Size=2", "-p", "Action=s3:PutObject", "-p", "Mode=maxIO"}},
		{"failed apply", 4, true, []string{"apply", "--yes", "-p", "Size=2"}},
		{"status", 0, false, []string{"status"}},
		{"doctor", 0, false, []string{"doctor"}},
		{"destroy", 0, true, []string{"destroy", "--confirm", "dev"}},
		{"wrong flag", 64, false, []string{"plan", "--nope"}},
	} {
		if testing.Short() && tt.changing {
			continue // an account each time is dear with the race detector
		}
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := deployed(t)
			show := func(onTerminal bool, environment ...string) string {
				if tt.changing {
					p = deployed(t)
					p.scenario("- {fail: DataStack/StoreStack/Files, reason: Not enough room}")
				}
				return p.shown(onTerminal, tt.code, environment, tt.args...)
			}
			piped := show(false)
			if escapes.MatchString(piped) || piped == "" {
				t.Errorf("a pipe gets %q", piped)
			}
			for name, shown := range map[string]string{
				"NO_COLOR in a pipe": show(false, "NO_COLOR=1"), "NO_COLOR on a terminal": show(true, "NO_COLOR=1"),
				"TERM=dumb in a pipe": show(false, "TERM=dumb"), "TERM=dumb on a terminal": show(true, "TERM=dumb"),
			} {
				if diff := cmp.Diff(piped, shown); diff != "" {
					t.Errorf("%s (-pipe +there):\n%s", name, diff)
				}
			}
			if tt.name == "wrong flag" { // told before there is a screen
				return
			}
			if !escapes.MatchString(show(true)) {
				t.Error("a terminal gets no colour")
			}
			for _, variable := range []string{"TERM=xterm", "NO_COLOR=1"} {
				if !escapes.MatchString(show(false, variable, "DEPLOY_COLOR=always")) {
					t.Errorf("--color always gives none with %s", variable)
				}
			}
		})
	}
}

// The tree that a terminal is redrawn with hides secrets too.
func TestSecretsOnATerminal(t *testing.T) {
	p := deployed(t)
	p.scenario(`- {fail: DataStack/StoreStack/Files, reason: 'The tag License=` + canary + ` is taken'}`)
	shown := p.shown(true, 4, nil, "apply", "--yes", "-v", "-p", "Size=2", "-p", "LicenseKey="+canary)
	if !strings.Contains(shown, "\x1b[") || !strings.Contains(shown, "**** is taken") {
		t.Errorf("no tree, or no reason:\n%s", shown)
	}
	p.conceals(&ended{t: t, call: "deploy apply on a terminal", stdout: shown})
}
