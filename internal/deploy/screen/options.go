package screen

import (
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tierform/tierform/internal/deploy/fault"
)

// Size of a terminal that does not tell, and width of a pipe.
const (
	usualColumns, usualRows = 80, 24
	// fewestColumns are needed to lay anything out.
	fewestColumns = 40
)

// check refuses values that are not allowed.
func (o *Options) check() error {
	for _, option := range []struct {
		flag    string
		value   *string
		allowed []string
	}{
		{"--output", &o.Output, []string{"human", "json"}},
		{"--progress", &o.Progress, []string{"auto", "tree", "lines", "github", "none"}},
		{"--color", &o.Color, []string{"auto", "always", "never"}},
	} {
		if *option.value == "" {
			*option.value = option.allowed[0]
		}
		if !slices.Contains(option.allowed, *option.value) {
			return &fault.Error{Code: fault.Usage, What: option.flag + " does not take this", Found: *option.value, Allowed: strings.Join(option.allowed, ", ")}
		}
	}
	if o.Usual == nil {
		o.Usual = func(string, string) time.Duration { return 0 }
	}
	if o.IsTerminal == nil {
		o.IsTerminal = func(w io.Writer) bool { return terminal(w) }
	}
	if o.Size == nil {
		channels := []io.Writer{o.Err, o.Out}
		o.Size = func() (int, int) {
			columns, rows, err := size(channels...)
			if err != nil {
				return usualColumns, usualRows
			}
			return columns, rows
		}
	}
	return nil
}

// plain tells whether the environment wants nothing but text (no-color.org; terminfo's "dumb" cannot move the cursor). A plain terminal
// is treated like a pipe in every respect, so that the output is the same byte by byte.
func (o *Options) plain() bool { return o.Getenv("NO_COLOR") != "" || o.dumb() }

func (o *Options) dumb() bool { return o.Getenv("TERM") == "dumb" }

// rich tells whether a channel may have more than text.
func (o *Options) rich(w io.Writer) bool { return o.IsTerminal(w) && !o.plain() }

// colored tells whether a channel has colours.
func (o *Options) colored(w io.Writer) bool {
	return o.Color == "always" || o.Color == "auto" && o.rich(w)
}

// progress is the way of showing progress that "auto" means here. A tree needs a terminal that can move the cursor.
func (o *Options) progress() string {
	tree := o.Progress == "tree" && o.IsTerminal(o.Err) && !o.dumb()
	switch {
	case o.Quiet:
		return "none"
	case tree || o.Progress == "auto" && o.rich(o.Err):
		return "tree"
	case o.Progress == "github" || o.Progress == "auto" && o.github():
		return "github"
	case o.Progress == "none":
		return "none"
	}
	return "lines"
}

// github tells whether GitHub Actions reads the output
// (docs.github.com/en/actions/reference/workflows-and-actions/variables: GITHUB_ACTIONS is always true there).
func (o *Options) github() bool { return o.Getenv("GITHUB_ACTIONS") == "true" }

// columns are those of a channel: a terminal's own, else COLUMNS, else the usual ones.
func (o *Options) columns(w io.Writer) func() int {
	if o.rich(w) {
		return func() int {
			columns, _ := o.Size()
			return max(columns, fewestColumns)
		}
	}
	columns, err := strconv.Atoi(o.Getenv("COLUMNS"))
	if err != nil || columns < fewestColumns {
		columns = usualColumns
	}
	return func() int { return columns }
}

// ascii tells whether the locale lacks the characters that trees are drawn with (POSIX: LC_ALL, then the category, then LANG).
func (o *Options) ascii() bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if locale := strings.ToLower(o.Getenv(name)); locale != "" {
			return !strings.Contains(locale, "utf-8") && !strings.Contains(locale, "utf8")
		}
	}
	return true
}
