package screen

import (
	"strings"
)

// A pen writes lines to a channel.
type pen struct {
	style
	write   func(string)
	columns func() int
	// guarded is set where GitHub reads the output and takes lines for commands.
	guarded bool
}

// lines writes lines as they are.
func (p *pen) lines(lines ...string) {
	var b strings.Builder
	for _, line := range lines {
		if p.guarded {
			line = guarded(line)
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	if b.Len() > 0 {
		p.write(b.String())
	}
}

// sheet is an empty one of the channel's present width.
func (p *pen) sheet(verbose bool, say func(string) string) *sheet {
	return &sheet{style: p.style, columns: p.columns(), verbose: verbose, say: say}
}

// guarded makes sure that a line of ours does not begin with a command of GitHub's runner, nor has one of its older form anywhere: log
// lines that we quote come from anywhere (actions/runner, src/Runner.Common/ActionCommand.cs).
func guarded(line string) string {
	if trimmed := strings.TrimLeft(line, " "); strings.HasPrefix(trimmed, "::") {
		line = line[:len(line)-len(trimmed)] + ": :" + trimmed[2:]
	}
	return strings.ReplaceAll(line, "##[", "## [")
}

// command is a command to GitHub's runner. Data and properties are escaped as the runner undoes it, its "%25" last.
func command(name, title, text string) string {
	data := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	if title != "" {
		name += " title=" + strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(title)
	}
	return "::" + name + "::" + data.Replace(text)
}
