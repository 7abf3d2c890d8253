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
const barWidth = 20

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
	lines := []string{"", s.paint(cyan, "Release  "+of+r.Service) + "  " + r.From + " " + s.arrow + " " + r.To + "  " + s.paint(grey, r.Deployment)}
	for _, c := range r.Images {
		lines = append(lines, "  "+c.Container+"  "+brief(c.From)+" "+s.arrow+" "+brief(c.To))
	}
	s.lines(append(lines, "  "+s.paint(grey, r.Shift))...)
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
	s.above(s.line(e.Time))
}

// tick draws the state anew, or prints a line where nothing was told for long.
func (s *shifting) tick(now time.Time) {
	if !s.tree && now.Sub(s.printed) >= shiftBeat {
		s.printed = now
		s.above(s.line(now))
		return
	}
	s.above("")
}

// line is the state in one line: time, service, step, bar, weights, tasks, alarms, what is left.
func (s *shifting) line(now time.Time) string {
	e := s.last
	shown := e.New
	if e.Returning && e.Old.Weight > e.New.Weight { // what gets the traffic back
		shown = e.Old
	}
	share := int(shown.Weight*barWidth/100 + 0.5)
	bar := strings.Repeat("#", share) + strings.Repeat("-", barWidth-share)
	tone := green
	if e.Returning {
		tone = yellow
	}
	parts := []string{now.UTC().Format(stamp), e.Service, pad(stepWords(e), stepWidth), "[" + s.paint(tone, bar) + "]", fmt.Sprintf("%s %.0f %%", cmp.Or(shown.Color, "new"), shown.Weight)}
	parts = append(parts, fmt.Sprintf("%d/%d tasks", shown.Running, shown.Desired))
	if words := alarmWords(e.Alarms); words != "" {
		parts = append(parts, s.paint(red, words))
	}
	if left := seconds(e.Left) - now.Sub(e.Time); left > 0 && e.Left > 0 && !e.Returning {
		parts = append(parts, s.paint(grey, "about "+elapsed(left)+" left"))
	}
	return strings.Join(parts, "  ")
}

// stepWidth holds the longest name of a lifecycle event.
const stepWidth = len("AfterAllowTestTraffic")

func stepWords(e report.Shift) string {
	switch {
	case e.Returning && e.Status == "running":
		return "rolling back"
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
func (s *shifting) above(line string) {
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
		text += cut(line, s.columns()-1, s.ellipsis) + "\x1b[K\n"
	}
	live := "  " + s.paint(grey, "running "+elapsed(seconds(s.last.Seconds))+"   Ctrl-C to detach, stop or go on")
	s.write(text + cut(live, s.columns()-1, s.ellipsis) + "\x1b[K\n")
	s.drawn = true
}

// end leaves what is drawn as it is.
func (s *shifting) end() { *s = shifting{pen: s.pen, tree: s.tree, silent: s.silent} }

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
	text := s.paint(tone, mark+" "+e.Service+" "+words)
	if e.Seconds > 0 {
		text += " after " + elapsed(seconds(e.Seconds))
	}
	if e.Serving != "" {
		text += "; " + e.Serving + " (" + e.Color + ") is serving"
	}
	s.add(text)
	if e.Reason != "" {
		s.wrapped("  ", "  ", e.Reason, "")
	}
}

// level tells that the stack was brought level: the changes have no effect on what runs.
func (s *sheet) level(p report.Plan) {
	s.wrapped("", "  ", fmt.Sprintf("%s is brought level with what serves: %s without an effect on what runs", p.Root.Name, report.Plural(p.Counts.Change+p.Counts.Replace+p.Counts.Add, "change", "changes")), "")
}
