package screen

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/tierform/tierform/internal/deploy/report"
)

// A shifting is the release that is shown.
type shifting struct {
	*pen
	// tree draws the state in place below the lines that stay; without it each news is a line. silent shows nothing.
	tree, silent bool
	last         report.Shift
	told         string
	printed      time.Time
	drawn        bool
}

// barWidth is how many characters of a bar stand for all traffic.
const barWidth = 10

// shiftBeat is the longest that a person waits for a line: traffic moves each minute, so that it fills the pauses only.
const shiftBeat = 65 * time.Second

// begin tells what is released.
func (s *shifting) begin(r report.Release) {
	s.end()
	if s.silent {
		return
	}
	of := ""
	if r.Of > 1 {
		of = fmt.Sprintf("%d of %d  ", r.Number, r.Of)
	}
	lines := []string{"", s.paint(cyan, "Release  "+of+r.Service) + "  " + s.paint(grey, r.Deployment), "  " + r.From + " " + s.arrow + " " + sameFamily(r.From, r.To)}
	for _, c := range r.Images {
		lines = append(lines, "  "+c.Container+"  "+brief(c.From)+" "+s.arrow+" "+brief(c.To))
	}
	s.lines(append(lines, "  "+s.paint(grey, r.Shift))...)
}

// sameFamily is a revision, by its number alone where it is of the same family as the one before it.
func sameFamily(before, revision string) string {
	family, _, _ := strings.Cut(before, ":")
	if number, is := strings.CutPrefix(revision, family+":"); is {
		return number
	}
	return revision
}

// brief is a digest's beginning, as people compare them.
func brief(digest string) string {
	if hash, is := strings.CutPrefix(digest, "sha256:"); is && len(hash) > 12 {
		return hash[:12]
	}
	if digest == "" {
		return "none"
	}
	return digest
}

// shift tells how the release stands: a line for each step, each change of weights, tasks and alarms, and in a tree the state between them.
func (s *shifting) shift(e report.Shift) {
	news := fmt.Sprint(e.Deployment, e.Status, e.Step, e.New.Weight, e.New.Running, alarmWords(e.Alarms))
	s.last = e
	if news == s.told {
		return
	}
	s.told, s.printed = news, e.Time
	s.above(s.line(e.Time), e.Time)
}

// tick draws the state anew, or prints a line where nothing was told for long.
func (s *shifting) tick(now time.Time) {
	if !s.tree && now.Sub(s.printed) >= shiftBeat {
		s.printed = now
		s.above(s.line(now), now)
		return
	}
	s.above("", now)
}

// line is the state in one line: time, step, bar, weights, tasks, what is left. Alarms that fire stand below.
func (s *shifting) line(now time.Time) string {
	e := s.last
	shown, tone := e.New, green
	if e.Returning && e.Old.Weight >= e.New.Weight { // what gets the traffic back
		shown, tone = e.Old, yellow
	}
	share := int(shown.Weight*barWidth/100 + 0.5)
	bar := strings.Repeat("#", share) + strings.Repeat("-", barWidth-share)
	text := fmt.Sprintf("%s  %s  [%s]  %s", now.UTC().Format(stamp), pad(stepWords(e), stepWidth), s.paint(tone, bar), pad(fmt.Sprintf("%s %.0f %%", cmp.Or(shown.Color, "new"), shown.Weight), len("green 100 %")))
	text += fmt.Sprintf("  %d/%d tasks", shown.Running, shown.Desired)
	if left := seconds(e.Left) - now.Sub(e.Time); left > 0 && e.Left > 0 && !e.Returning {
		text += "  " + s.paint(grey, roughly(left)+" left")
	}
	if words := alarmWords(e.Alarms); words != "" {
		text += "\n" + strings.Repeat(" ", len(stamp)+2) + s.paint(red, words)
	}
	return text
}

// roughly is a time to come as people say it: in minutes, unless it is less than one.
func roughly(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf("%ds", int(d.Seconds()))
	}
	return fmt.Sprintf("%dm", int(d.Round(time.Minute).Minutes()))
}

// stepWidth holds the longest words for a step, but for the names of those with a test listener.
const stepWidth = len("old tasks are kept")

func stepWords(e report.Shift) string {
	switch {
	case e.Returning && e.Status == "running":
		return "rolling back"
	case e.Returning && e.Status == "succeeded":
		return "rolled back"
	case e.Status != "running":
		return e.Status
	case e.Step == "":
		return "begins"
	case e.Step == "AfterAllowTraffic" && e.New.Weight == 100:
		return "old tasks are kept"
	}
	return e.Step
}

// alarmWords name the alarms that fire.
func alarmWords(alarms []report.Alarm) string {
	var firing []string
	for _, a := range alarms {
		if a.State == "ALARM" {
			firing = append(firing, "ALARM "+a.Name)
		}
	}
	return strings.Join(firing, ", ")
}

// above prints a line that stays, if there is one, and draws the state below it anew.
func (s *shifting) above(line string, now time.Time) {
	switch {
	case s.silent:
		return
	case !s.tree && line != "":
		s.lines(line)
		return
	case !s.tree:
		return
	}
	text := ""
	if s.drawn {
		text = "\x1b[1A"
	}
	if line != "" {
		for part := range strings.SplitSeq(line, "\n") {
			text += cut(part, s.columns()-1, s.ellipsis) + "\x1b[K\n"
		}
	}
	live := "  " + s.paint(grey, "running "+elapsed(seconds(s.last.Seconds)+now.Sub(s.last.Time))+"   Ctrl-C to detach, stop or go on")
	s.write(text + cut(live, s.columns()-1, s.ellipsis) + "\x1b[K\n")
	s.drawn = true
}

// end takes away what is drawn in place.
func (s *shifting) end() {
	if s.drawn {
		s.write("\x1b[1A\x1b[J")
	}
	*s = shifting{pen: s.pen, tree: s.tree, silent: s.silent}
}

// released tells how a release ended.
func (s *sheet) released(e report.Released) {
	mark, tone, words := s.done, green, "all traffic is shifted"
	switch e.Result {
	case report.RolledBack:
		mark, tone, words = s.failed, red, "rolled back"
	case report.NeedsPerson:
		mark, tone, words = s.failed, red, "needs a person"
	case report.Running:
		mark, tone, words = s.half, yellow, "goes on in AWS"
	case report.Unbegun:
		mark, tone, words = s.bullet, grey, "not begun"
	}
	if e.Seconds > 0 {
		words += " after " + elapsed(seconds(e.Seconds))
	}
	if e.Serving != "" {
		words += "; " + e.Serving + " (" + e.Color + ") serves"
	}
	s.wrapped(s.paint(tone, mark)+" ", "  ", e.Service+" "+words, "")
	if e.Reason != "" {
		s.wrapped("  ", "  ", e.Reason, "")
	}
}

// level tells that the stack was brought level: the changes have no effect on what runs.
func (s *sheet) level(p report.Plan) {
	s.wrapped("", "  ", fmt.Sprintf("%s is brought level with what serves: %s without an effect on what runs", p.Root.Name, report.Plural(p.Counts.Change+p.Counts.Replace+p.Counts.Add, "change", "changes")), "")
}
