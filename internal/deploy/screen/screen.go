// Package screen makes every output of a run from its one stream of events: text for a person (a live tree on a terminal, lines
// elsewhere, groups on GitHub), JSON lines for a program, and Markdown for a pull request.
//
// Text keeps two channels apart: the result (plan, outputs, tables, diagnosis, final lines) goes to standard output, progress to standard
// error. Secrets are replaced in the events themselves, before anything is escaped, wrapped or cut.
package screen

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/tierform/tierform/internal/deploy/clock"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
)

// Options say where a run is shown and how.
type Options struct {
	// Out takes the result, Err the progress.
	Out, Err io.Writer
	// Output is "human" or "json"; Progress "auto", "tree", "lines", "github" or "none"; Color "auto", "always" or "never". Empty is the
	// first of each.
	Output, Progress, Color string
	// Quiet leaves the result only; Verbose shows what is folded otherwise.
	Quiet, Verbose bool
	// Markdown is the file for a summary; empty for none.
	Markdown string
	// Sarif is the file for the verdicts of the scan gate; empty for none.
	Sarif string
	Clock clock.Clock
	// Getenv reads the environment: NO_COLOR, TERM, COLUMNS, the locale, GITHUB_ACTIONS.
	Getenv func(string) string
	// IsTerminal tells whether a writer is a terminal, Size how many columns and rows it has. By default the system is asked.
	IsTerminal func(io.Writer) bool
	Size       func() (columns, rows int)
	// Usual is how long it usually takes to "CREATE", "UPDATE" or "DELETE" a resource of a type; 0 for unknown. It may be nil.
	Usual func(typ, action string) time.Duration
}

// A sink makes one output of the events.
type sink interface {
	report.Reporter
	// flush prints what was held back, close also what comes last.
	flush()
	close()
}

// A Screen shows the events of a run. It may be used by several goroutines.
type Screen struct {
	mu      sync.Mutex
	secrets *secrets
	sinks   []sink
	failed  error
}

// New makes a screen. Values of options that are not allowed, and a summary file that cannot be written, are errors of code Usage.
func New(o Options) (*Screen, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	s := &Screen{secrets: &secrets{}}
	if o.Output == "json" {
		s.sinks = append(s.sinks, &objects{write: s.to(o.Out), fail: s.fail})
	} else {
		s.sinks = append(s.sinks, newHuman(o, s))
	}
	if o.Markdown != "" {
		file, err := os.OpenFile(o.Markdown, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o644)
		if err != nil {
			return nil, &fault.Error{Code: fault.Usage, What: "--markdown names a file that cannot be written", Found: o.Markdown, Err: err}
		}
		s.sinks = append(s.sinks, &markdown{secrets: s.secrets, file: file, fail: s.fail, verbose: o.Verbose})
	}
	if o.Sarif != "" {
		file, err := os.OpenFile(o.Sarif, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o644)
		if err != nil {
			return nil, &fault.Error{Code: fault.Usage, What: "--sarif names a file that cannot be written", Found: o.Sarif, Err: err}
		}
		s.sinks = append(s.sinks, &sarif{secrets: s.secrets, file: file, fail: s.fail})
	}
	return s, nil
}

// Report shows an event.
func (s *Screen) Report(e report.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e = rewritten(e, s.secrets.mask)
	for _, one := range s.sinks {
		one.Report(e)
	}
}

// Mask names values that no output may show, in whatever form: as they are, escaped for JSON or a URL, or in base64.
func (s *Screen) Mask(values ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.secrets.add(values...)
}

// Flush prints what was held back for the next event to tell where it belongs. It comes before a person is asked something.
func (s *Screen) Flush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range s.sinks {
		one.flush()
	}
}

// Close prints what was held back and writes the summary. Its error is the first failure of any output.
func (s *Screen) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range s.sinks {
		one.close()
	}
	s.sinks = nil
	return s.failed
}

// fail remembers the first failure of an output: a run goes on without somebody who reads.
func (s *Screen) fail(err error) {
	if s.failed == nil && err != nil {
		s.failed = fmt.Errorf("write the output: %w", err)
	}
}

// to writes to a channel and remembers failures.
func (s *Screen) to(w io.Writer) func(string) {
	return func(text string) {
		_, err := io.WriteString(w, text)
		s.fail(err)
	}
}

// Terminal tells whether a person types what is read.
func Terminal(r io.Reader) bool { return terminal(r) }

// descriptor is what files have.
type descriptor interface{ Fd() uintptr }

func terminal(channel any) bool {
	file, is := channel.(descriptor)
	return is && term.IsTerminal(int(file.Fd()))
}

var errNoTerminal = errors.New("no terminal")

// size is that of the first terminal among channels.
func size(channels ...io.Writer) (columns, rows int, err error) {
	for _, channel := range channels {
		if terminal(channel) {
			return term.GetSize(int(channel.(descriptor).Fd()))
		}
	}
	return 0, 0, errNoTerminal
}
