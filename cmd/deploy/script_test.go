package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/tierform/tierform/internal/deploy/report"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"deploy": inBubble})
}

// The command as its users meet it, against a simulated account.
func TestScripts(t *testing.T) {
	templates, err := filepath.Abs("testdata/small")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{Dir: "testdata/script", UpdateScripts: os.Getenv("UPDATE_SCRIPTS") != "",
		Setup: func(env *testscript.Env) error {
			a := newAccount(env.T().(testing.TB))
			env.Values[accountKey{}] = a
			env.Vars = append(env.Vars, a.environment()...)
			env.Setenv("COLUMNS", "80")
			env.Setenv("ACCOUNT", a.server.URL)
			return os.CopyFS(filepath.Join(env.WorkDir, "templates"), os.DirFS(templates))
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"scenario": scenario, "heal": heal, "exits": exits, "edit": edit, "reason": reason, "next": next}})
}

type accountKey struct{}

func accountOf(ts *testscript.TestScript) *account { return ts.Value(accountKey{}).(*account) }

// scenario makes go wrong what a file says: scenario FILE.
func scenario(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: scenario FILE")
	}
	ts.Check(accountOf(ts).play(args[0], []byte(ts.ReadFile(args[0]))))
}

// heal ends all that goes wrong.
func heal(ts *testscript.TestScript, neg bool, args []string) { accountOf(ts).sim.Heal() }

// exits runs a command and wants an exit code: exits CODE COMMAND ARGUMENT ….
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND [ARGUMENT …]")
	}
	if err, want := ts.Exec(args[1], args[2:]...), args[0]; fmt.Sprint(exitCode(err)) != want {
		ts.Fatalf("exit code %d, want %s", exitCode(err), want)
	}
	if output := ts.ReadFile("stdout"); slices.Contains(args, "json") {
		ts.Check(stream(output, args[0]))
	}
}

// stream checks JSON lines: each is an object with a type, the first tells the schema and the last the exit code.
func stream(text, code string) error {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i, line := range lines {
		var event struct {
			Type, Schema string
			Code         *int `json:"exit_code"`
		}
		if err := json.Unmarshal([]byte(line), &event); err != nil || event.Type == "" {
			return fmt.Errorf("line %d is no event: %v: %q", i+1, err, line)
		}
		if first := i == 0; first != (event.Type == "version") || first && event.Schema != report.Schema {
			return fmt.Errorf("line %d: type %q, schema %q", i+1, event.Type, event.Schema)
		}
		if last := i == len(lines)-1; last != (event.Type == "result") || last && fmt.Sprint(*event.Code) != code {
			return fmt.Errorf("line %d is %s, want the result with exit code %s to be the last", i+1, line, code)
		}
	}
	return nil
}

// edit replaces all that matches in a file, which must be something: edit FILE PATTERN TEXT.
func edit(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: edit FILE PATTERN TEXT")
	}
	pattern, text := regexp.MustCompile(args[1]), ts.ReadFile(args[0])
	if !pattern.MatchString(text) {
		ts.Fatalf("%s holds nothing like %s", args[0], args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(pattern.ReplaceAllString(text, args[2])), 0o644))
}

// reason wants a text among the first lines of the failure that was printed last: reason LINES TEXT.
func reason(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: reason LINES TEXT")
	}
	count, err := strconv.Atoi(args[0])
	ts.Check(err)
	_, failure, found := strings.Cut(ts.ReadFile("stdout"), "\n✗ ")
	if !found || !strings.Contains(head(failure, count), args[1]) {
		ts.Fatalf("%q is not in the first %d lines of the failure", args[1], count)
	}
}

// next calls, through a shell, the command that the output before names as the next step, with words to add: next CODE [WORD …]. A "…" in
// it stands for a secret, and is replaced by one.
func next(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: next CODE [WORD …]")
	}
	lines := regexp.MustCompile(`(?m)^Next: .*?(deploy .*)$`).FindAllStringSubmatch(ts.ReadFile("stdout"), -1)
	if len(lines) == 0 {
		ts.Fatalf("no next step is named")
	}
	words := append([]string{strings.ReplaceAll(lines[len(lines)-1][1], "…", "canary")}, args[1:]...)
	if err := ts.Exec("sh", "-c", strings.Join(words, " ")); fmt.Sprint(exitCode(err)) != args[0] {
		ts.Fatalf("exit code %d, want %s", exitCode(err), args[0])
	}
}
