package checks

import (
	_ "embed"
	"fmt"
	"strings"
)

// survivorsText lists the mutants of the platform's templates that no rule notices, with the reasons: template, logical ID, path, mutation
// and reason, in sections headed by comments.
//
//go:embed survivors.txt
var survivorsText string

const survivorsHead = `
## What no rule notices

The mutation campaign (` + "`make test-long`" + `, a sample in ` + "`make test`" + `) removes, empties and widens every property of ` + "`golden/`" + ` that matters,
one at a time, deploys the result on paper and asks all rules. At least 95 % of the mutants are noticed. These are not, and need
not be; ` + "`*`" + ` stands for anything.

| Template | Resource | Property | Mutation | Why that does no harm |
|---|---|---|---|---|
`

// writeSurvivors adds the table of survivors to a document.
func writeSurvivors(b *strings.Builder) {
	b.WriteString(survivorsHead)
	for line := range strings.Lines(survivorsText) {
		fields := strings.Fields(line)
		if len(fields) < 5 || fields[0] == "#" {
			continue
		}
		fmt.Fprintf(b, "| %s | %s | `%s` | `%s` | %s |\n", code(fields[0]), code(fields[1]), cell(fields[2]), cell(fields[3]), cell(strings.Join(fields[4:], " ")))
	}
}

// code is a name in code style, so that its stars stay stars.
func code(name string) string { return "`" + cell(name) + "`" }
