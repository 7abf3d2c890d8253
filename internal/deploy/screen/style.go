package screen

import "strings"

// A color is one of the six of ECMA-48 that show on dark and light terminals alike.
type color string

const (
	red     color = "31"
	green   color = "32"
	yellow  color = "33"
	magenta color = "35"
	cyan    color = "36"
	grey    color = "90"
)

const reset = "\x1b[0m"

// glyphs are the characters that are not letters.
type glyphs struct {
	branch, last, pipe, gap       string
	done, failed, warning, bullet string
	arrow, ellipsis, elbow, half  string
	add, change, replace, remove  string
	spinner                       []string
}

func unicodeGlyphs() glyphs {
	return glyphs{branch: "├─ ", last: "└─ ", pipe: "│  ", gap: "   ", done: "✓", failed: "✗", warning: "!", bullet: "·", arrow: "→", ellipsis: "…", elbow: "└ ", half: "◐",
		add: "+", change: "~", replace: "±", remove: "-", spinner: strings.Split("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏", "")}
}

func asciiGlyphs() glyphs {
	return glyphs{branch: "|- ", last: "`- ", pipe: "|  ", gap: "   ", done: "*", failed: "x", warning: "!", bullet: ".", arrow: "->", ellipsis: "...", elbow: "` ", half: "o",
		add: "+", change: "~", replace: "#", remove: "-", spinner: strings.Split(`|/-\`, "")}
}

// A style is how a channel may look.
type style struct {
	glyphs
	colored bool
}

func (s style) paint(c color, text string) string {
	if !s.colored || text == "" {
		return text
	}
	return "\x1b[" + string(c) + "m" + text + reset
}

// A sheet collects lines of a width. Nothing on it is longer, but what a person copies: commands, addresses, values.
type sheet struct {
	style
	columns int
	verbose bool
	// brief leaves nested stacks to their numbers: of a first deployment all is new.
	brief bool
	// say masks and cleans texts that come out of decoding.
	say   func(string) string
	lines []string
}

func (s *sheet) add(lines ...string) { s.lines = append(s.lines, lines...) }

// wrapped adds a text below a first prefix; further lines get the second.
func (s *sheet) wrapped(first, further, text string, c color) {
	for i, line := range wrap(text, s.columns-max(width(first), width(further))) {
		if i > 0 {
			first = further
		}
		if c != "" {
			line = s.paint(c, line)
		}
		s.add(first + line)
	}
}

// command adds a next step. A command that is longer than a line goes on behind a backslash, as a shell takes it.
func (s *sheet) command(title, text string) {
	if why, command, is := strings.Cut(text, ": deploy "); is && width(title+text) > s.columns { // below, whole, so that it can be copied
		s.wrapped(title, pad("", len(title)), why+":", "")
		title, text = pad("", len(title)), "deploy "+command
	}
	if !strings.HasPrefix(text, "deploy ") || width(title+text) <= s.columns {
		s.wrapped(title, pad("", len(title)), text, "")
		return
	}
	now := title
	for i, flag := range strings.Split(text, " --") {
		switch {
		case i == 0:
			now += flag
		case width(now)+len(" --")+width(flag)+len(` \`) > s.columns:
			s.add(now + ` \`)
			now = pad("", len(title)) + "--" + flag
		default:
			now += " --" + flag
		}
	}
	s.add(now)
}

// spread puts one text to the left and one to the right edge, on two lines if they do not fit one.
func (s *sheet) spread(left, right string) {
	if space := s.columns - width(left) - width(right); right == "" {
		s.add(left)
	} else if space >= 2 {
		s.add(left + strings.Repeat(" ", space) + right)
	} else {
		s.add(left, pad("", s.columns-width(right))+right)
	}
}

// flow puts pieces side by side, and on further lines below an indent where they do not fit.
func (s *sheet) flow(indent string, pieces ...string) {
	now := ""
	for _, piece := range pieces {
		switch {
		case now == "":
			now = piece
		case width(now)+3+width(piece) > s.columns:
			s.add(now)
			now = indent + piece
		default:
			now += "   " + piece
		}
	}
	s.add(now)
}
