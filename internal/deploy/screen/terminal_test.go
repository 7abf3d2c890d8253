package screen

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tierform/tierform/internal/deploy/report"
)

// An emulator is as much of a terminal as the tree uses: lines, the cursor up, and erasing. Anything else fails the test, and so does a
// line that would reach the edge while it is redrawn.
type emulator struct {
	t       *testing.T
	columns int
	rows    []string
	at      int
	highest int
}

var escape = regexp.MustCompile(`^\x1b\[(\d*)([A-Za-z])`)

func (e *emulator) write(text string) {
	for text != "" {
		switch m := escape.FindStringSubmatch(text); {
		case m == nil && text[0] == '\x1b':
			e.t.Fatalf("unknown sequence: %q", text[:min(10, len(text))])
		case m == nil && text[0] == '\n':
			e.at++
			text = text[1:]
			e.line()
			continue
		case m == nil:
			end := strings.IndexAny(text, "\x1b\n")
			e.rows[e.at], text = e.line()+text[:end], text[end:]
			continue
		default:
			e.escape(m[1], m[2])
			text = text[len(m[0]):]
		}
	}
}

// line is the row at the cursor; rows are written from their beginning, over what stands there.
func (e *emulator) line() string {
	for len(e.rows) <= e.at {
		e.rows = append(e.rows, "")
	}
	return e.rows[e.at]
}

func (e *emulator) escape(number, kind string) {
	switch kind {
	case "m", "K":
	case "A":
		n, _ := strconv.Atoi(number)
		e.highest = max(e.highest, n)
		if e.at -= n; e.at < 0 {
			e.t.Fatal("the cursor left the screen")
		}
		for i := e.at; i < len(e.rows); i++ {
			e.rows[i] = ""
		}
	case "J":
		e.rows = append(e.rows[:e.at], "")
	default:
		e.t.Fatalf("unknown sequence %s", kind)
	}
}

func (e *emulator) screen() string { return strings.TrimRight(strings.Join(e.rows, "\n"), "\n") + "\n" }

// What is left on a terminal after a run is kept in testdata, as a person sees it.
func TestWhatATerminalShows(t *testing.T) {
	for name, events := range stories() {
		for _, columns := range []int{80, 120} {
			t.Run(name+"/"+strconv.Itoa(columns), func(t *testing.T) {
				_, _, both := shownAs(t, setting{terminal: true, columns: columns, rows: 40}, events)
				e := &emulator{t: t, columns: columns}
				e.line()
				e.write(both)
				compareTranscript(t, name+".screen-"+strconv.Itoa(columns)+".txt", e.screen())
			})
		}
	}
}

// A picture of a run in the middle: what is done, what runs and for how long, what waits.
func TestTreeWhileItRuns(t *testing.T) {
	for _, columns := range []int{80, 120} {
		events := append(planned()[:3:3], updating().events...)
		_, _, both := shownAs(t, setting{terminal: true, columns: columns, rows: 40}, events)
		e := &emulator{t: t}
		e.line()
		e.write(both)
		tree := e.screen()
		compareTranscript(t, "running.screen-"+strconv.Itoa(columns)+".txt", tree[strings.LastIndex(tree, "platform-qa7  UPDATE"):])
	}
}

// The tree never reaches the right edge nor the top: a terminal would wrap or scroll it, and the next picture would be garbage.
func TestTreeStaysInItsFrame(t *testing.T) {
	for _, rows := range []int{2, 5, 8, 12, 24} {
		for _, columns := range []int{40, 60, 80} {
			_, err, _ := shownAs(t, setting{terminal: true, columns: columns, rows: rows}, crowded().events)
			frame := 0
			for line := range strings.SplitSeq(err, "\n") {
				if strings.Contains(line, "\x1b[J") {
					if frame > rows-1+7 { // with a failure above
						t.Fatalf("%d lines in %d rows", frame, rows)
					}
					frame = 0
				}
				frame++
				if w := width(strings.NewReplacer("\x1b[K", "", "\x1b[J", "").Replace(escapeUp.ReplaceAllString(line, ""))); w >= columns {
					t.Errorf("%d columns in %d: %q", w, columns, line)
				}
			}
		}
	}
}

var escapeUp = regexp.MustCompile(`\x1b\[\d+A`)

// crowded has more running than a terminal has rows.
func crowded() *teller {
	t := updating()
	for stack := range 6 {
		id := "Tier" + strconv.Itoa(stack) + "Stack"
		t.nested(110, id, "UPDATE_IN_PROGRESS", "")
		for i := range 8 {
			t.tell(111, []string{id}, "AVeryLongNameOfAResourceThatIsCutWhereTheLineEnds"+strconv.Itoa(i), "AWS::ApplicationAutoScaling::ScalingPolicy", "UPDATE_IN_PROGRESS", "", "")
		}
	}
	t.tell(112, nil, "Own", "AWS::SNS::Topic", "CREATE_IN_PROGRESS", "", "")
	t.tell(112, []string{"Tier0Stack", "InnerStack"}, "Deep", "AWS::SNS::Topic", "IMPORT_IN_PROGRESS", "", "")
	t.tick(115)
	return t
}

// With few rows, what is done is folded first, then what runs in each stack, then the rest is counted.
func TestTreeFoldsInSteps(t *testing.T) {
	draw := func(rows int) string {
		b := newBoard(never)
		for _, e := range crowded().events {
			switch e := e.(type) {
			case report.Operation:
				b.begin(e, dawn)
			case report.Resource:
				b.take(e)
			}
		}
		b.now = at(115)
		tr := &tree{pen: &pen{style: style{glyphs: unicodeGlyphs()}, columns: func() int { return 80 }}, board: b, live: true}
		lines := tr.picture(79, rows)
		if len(lines) > rows {
			t.Errorf("%d lines in %d rows", len(lines), rows)
		}
		return strings.Join(lines, "\n")
	}
	for _, tc := range []struct {
		rows      int
		has, lack string
	}{
		{100, "✓ Network", "more running"},
		{60, "1 stack done", "✓ Network"},
		{45, "5 more running", "more lines"},
		{30, "7 more running", "more lines"},
		{10, "more lines", ""},
	} {
		got := draw(tc.rows)
		if !strings.Contains(got, tc.has) || tc.lack != "" && strings.Contains(got, tc.lack) {
			t.Errorf("%d rows: want %q and not %q in\n%s", tc.rows, tc.has, tc.lack, got)
		}
	}
}

// A terminal that becomes narrower wraps what was drawn; the next picture begins above all of it.
func TestTreeAfterResize(t *testing.T) {
	tr := &tree{drawn: []int{79, 10, 0, 41}}
	for columns, want := range map[int]int{80: 4, 40: 6, 20: 9} {
		if got := tr.height(columns); got != want {
			t.Errorf("%d columns: %d rows, want %d", columns, got, want)
		}
	}
}

// never is a world in which nobody knows how long anything takes.
func never(string, string) time.Duration { return 0 }

// A person who waits sees how long it usually takes, where that is long: in the tree if there is room, and in a heartbeat.
func TestUsualTimes(t *testing.T) {
	usual := func(typ, action string) time.Duration {
		return map[string]time.Duration{"AWS::RDS::DBCluster UPDATE": 6 * time.Minute, "AWS::CloudWatch::Alarm UPDATE": 5 * time.Second}[typ+" "+action]
	}
	for columns, want := range map[int]string{80: "AWS::RDS::DBCluster   updating     50s  (usually 6m00s)", 60: "updating     50s"} {
		_, err, _ := shownAs(t, setting{Options: Options{Usual: usual}, terminal: true, columns: columns, rows: 40}, updating().events)
		e := &emulator{t: t}
		e.line()
		e.write(err)
		if got := e.screen(); !strings.Contains(strings.Join(strings.Fields(got), " "), strings.Join(strings.Fields(want), " ")) || columns == 60 && strings.Contains(got, "usually") || strings.Contains(got, "usually 5s") {
			t.Errorf("%d columns: want %q in\n%s", columns, want, got)
		}
	}
	_, err, _ := shownAs(t, setting{Options: Options{Usual: usual}}, append(updating().events, report.Tick{Time: at(170), LastEvent: at(101)}))
	if want := "; Data/Cluster updating 1m56s (usually 6m00s)\n"; !strings.Contains(err, want) {
		t.Errorf("want %q in %s", want, err)
	}
}
